/** Fetches in a row for one account that an address accepted and let run out, after which it is taken for hung. */
const HANGS = 3;
/** Accounts in a row, each with such a fetch, after which that is believed of everybody's names. */
const HUNG_ACCOUNTS = 3;
/** How long that is believed, in ms: a run may take a night, a server may come back. */
const BELIEVED_MS = 10 * 60_000;

/**
 * Remembers addresses that accept connections and then do not answer in time. One website can do so at an address that
 * others share (a content network): so each account's names speak for its own alone, until several accounts met the same
 * and nobody an answer.
 */
export class HungAddresses {
  readonly #now: () => number;
  readonly #hangs = new Map<string, { readonly count: number; readonly lastAt: number }>();
  readonly #accounts = new Map<string, { readonly met: ReadonlySet<string>; readonly lastAt: number }>();

  /** `now` in ms of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  isHung(address: string, account: string): boolean {
    const own = this.#hangs.get(keyOf(address, account));
    if (own !== undefined && own.count >= HANGS && this.#isFresh(own)) return true;
    const all = this.#accounts.get(address);
    return all !== undefined && all.met.size >= HUNG_ACCOUNTS && this.#isFresh(all);
  }

  noteHang(address: string, account: string): void {
    const lastAt = this.#now();
    const key = keyOf(address, account);
    this.#hangs.set(key, { count: (this.#hangs.get(key)?.count ?? 0) + 1, lastAt });
    const met = new Set(this.#accounts.get(address)?.met).add(account);
    this.#accounts.set(address, { met, lastAt });
  }

  /** It answered a name of the account, whatever it said. */
  noteAnswer(address: string, account: string): void {
    this.#hangs.delete(keyOf(address, account));
    this.#accounts.delete(address);
  }

  #isFresh({ lastAt }: { readonly lastAt: number }): boolean {
    return this.#now() - lastAt < BELIEVED_MS;
  }
}

/** No account's name has a space. */
function keyOf(address: string, account: string): string {
  return `${account} ${address}`;
}
