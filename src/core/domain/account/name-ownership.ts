import { parseHostName } from '../name/names.js';
import { AUTOMATIC_LABELS } from '../service/service-names.js';

type Owners = ReadonlyMap<string, string>;

/**
 * Which account may use a name. What the server's domain lists say comes first; a name that no list has goes to the
 * first account, by account order, whose own data has it. `www.x`, `mail.x` and the service names of a listed or claimed
 * `x` belong to the account of `x` unless they are listed themselves. So no name is ever wanted by two accounts.
 */
export class NameOwnership {
  readonly #lists: readonly Owners[];
  readonly #claimed = new Map<string, string>();

  /** Lists of name → account, the one that counts most first. */
  constructor(lists: readonly Owners[]) {
    this.#lists = lists;
  }

  /** The account whose name it is, or undefined when nobody said so yet. */
  ownerOf(name: string): string | undefined {
    return ownerIn(this.#lists, name) ?? ownerIn([this.#claimed], name);
  }

  /** Whether anything had to be claimed: then the answer depends on the accounts before. */
  get hasClaims(): boolean {
    return this.#claimed.size > 0;
  }

  /** Lets the account have a name that has no owner yet. */
  claim(name: string, account: string): void {
    if (this.ownerOf(name) === undefined) this.#claimed.set(name, account);
  }
}

/**
 * A list of name → account from pairs as written; of two for the same name the first counts. Pairs of something that is
 * no account of this server (`*: nobody`, accounts long gone) do not count, nor names that `known` has already.
 */
export function ownersByName(
  pairs: Iterable<readonly [domain: string, account: string]>,
  isAccount: (name: string) => boolean,
  known: Owners = new Map(),
): Owners {
  const owners = new Map<string, string>();
  const standing = new Map<string, boolean>();
  for (const [domain, account] of pairs) {
    const name = normalized(domain);
    if (name === undefined || owners.has(name) || known.has(name)) continue;
    let isReal = standing.get(account);
    if (isReal === undefined) {
      isReal = isAccount(account);
      standing.set(account, isReal);
    }
    if (isReal) owners.set(name, account);
  }
  return owners;
}

function ownerIn(lists: readonly Owners[], name: string): string | undefined {
  const owner = exactOwnerIn(lists, name);
  if (owner !== undefined) return owner;
  const dot = name.indexOf('.');
  return AUTOMATIC_LABELS.has(name.slice(0, dot)) ? exactOwnerIn(lists, name.slice(dot + 1)) : undefined;
}

function exactOwnerIn(lists: readonly Owners[], name: string): string | undefined {
  for (const list of lists) {
    const owner = list.get(name);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** Lists of 100,000 names are nearly all in the normal form already. */
function normalized(domain: string): string | undefined {
  if (/^[a-z0-9.-]+$/.test(domain)) return domain;
  try {
    return parseHostName(domain);
  } catch {
    return undefined;
  }
}
