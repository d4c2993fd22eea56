/** Connections in a row that an address let run out, after which it is taken for silent. */
const SILENCES = 3;
/** How long that is believed, in ms: a run may take a night, a server may come back. */
const BELIEVED_MS = 10 * 60_000;

/**
 * Remembers addresses at which no connection came about in time: hundreds of names may point to one server that is gone,
 * and each would wait as long as the first.
 */
export class SilentAddresses {
  readonly #now: () => number;
  readonly #silences = new Map<string, { readonly count: number; readonly lastAt: number }>();

  /** `now` in ms of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  isSilent(address: string): boolean {
    const known = this.#silences.get(address);
    return known !== undefined && known.count >= SILENCES && this.#now() - known.lastAt < BELIEVED_MS;
  }

  noteSilence(address: string): void {
    const count = (this.#silences.get(address)?.count ?? 0) + 1;
    this.#silences.set(address, { count, lastAt: this.#now() });
  }

  /** Anything else happened there, be it a refusal. */
  noteSign(address: string): void {
    this.#silences.delete(address);
  }
}
