import type { CaaAddition, CaaRefusal } from './outcome.js';

/** What is done about records that forbid our CA. */
export type CaaMending =
  | { readonly kind: 'add'; readonly addition: CaaAddition }
  /** `why`: one clause, when there is something to say. */
  | { readonly kind: 'leave'; readonly why: string | null };

/**
 * Whether the missing record may be added without asking (design 5.12). Never at a name that is not the account's own: an
 * alias, or a name below somebody else's domain, would let one customer loosen what another one's zone says.
 */
export function planMending({ addition }: CaaRefusal, ownNames: ReadonlySet<string>): CaaMending {
  if (addition === null || !addition.isHarmless) return { kind: 'leave', why: null };
  if (ownNames.has(addition.name)) return { kind: 'add', addition };
  return { kind: 'leave', why: `${addition.name} is no name of this account, so nothing is added there` };
}
