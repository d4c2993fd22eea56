/** Time that one task may spend in all, of which waiting for others takes nothing. */
export class TimeBudget {
  #leftMs: number;

  constructor(ms: number) {
    this.#leftMs = ms;
  }

  /** Never below 1: whatever is begun then ends at once, as out of time. */
  get leftMs(): number {
    return Math.max(1, this.#leftMs);
  }

  async spend<T>(task: () => Promise<T>): Promise<T> {
    const beganAt = performance.now();
    try {
      return await task();
    } finally {
      this.#leftMs -= performance.now() - beganAt;
    }
  }
}
