/** What is first by a comparison comes out first (a binary heap): n entries cost n log n, whatever the order. */
export class SortedQueue<T> {
  readonly #entries: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get first(): T | undefined {
    return this.#entries[0];
  }

  get size(): number {
    return this.#entries.length;
  }

  add(entry: T): void {
    const entries = this.#entries;
    let place = entries.length;
    entries.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.#swapIfBefore(place, above)) return;
      place = above;
    }
  }

  take(): T | undefined {
    const entries = this.#entries;
    const taken = entries[0];
    const last = entries.pop();
    if (entries.length === 0 || last === undefined) return taken;
    entries[0] = last;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= entries.length) return taken;
      const least = left + 1 < entries.length && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfBefore(least, place)) return taken;
      place = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#entries[one], this.#entries[other]];
    return a !== undefined && b !== undefined && this.#compare(a, b) < 0;
  }

  #swapIfBefore(one: number, other: number): boolean {
    if (!this.#isBefore(one, other)) return false;
    const [a, b] = [this.#entries[one], this.#entries[other]];
    if (a === undefined || b === undefined) return false;
    this.#entries[one] = b;
    this.#entries[other] = a;
    return true;
  }
}
