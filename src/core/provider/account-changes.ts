/** An account as a provider is told of it. */
export interface KnownAccount {
  readonly name: string;
  /** Its main domain, by which a renamed account is known again; null: not known. */
  readonly domain: string | null;
}

export type AccountChange =
  | { readonly kind: 'renamed'; readonly former: string; readonly present: string }
  | { readonly kind: 'terminated'; readonly former: string };

/**
 * What became of accounts between two full runs: one that is gone was renamed when a new account has its main domain, else
 * terminated. New accounts are no change. In the order of names.
 */
export function accountChanges(
  before: readonly KnownAccount[],
  now: readonly KnownAccount[],
): readonly AccountChange[] {
  const had = new Set(before.map(({ name }) => name));
  const has = new Set(now.map(({ name }) => name));
  const newByDomain = new Map(
    now
      .filter(({ name, domain }) => !had.has(name) && domain !== null)
      .map(({ name, domain }) => [domain, name]),
  );
  return before
    .filter(({ name }) => !has.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name: former, domain }): AccountChange => {
      const present = domain === null ? undefined : newByDomain.get(domain);
      return present === undefined ? { kind: 'terminated', former } : { kind: 'renamed', former, present };
    });
}
