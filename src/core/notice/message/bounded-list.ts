/** The first so many by rank, and how many there were in all: a night may have ten thousand. */
export class BoundedList<T> {
  readonly #limit: number;
  readonly #rankOf: (item: T) => number;
  #items: T[] = [];
  #count = 0;

  /** The lower the rank, the sooner it is shown; equal ones in the order in which they came. */
  constructor(limit: number, rankOf: (item: T) => number = () => 0) {
    this.#limit = limit;
    this.#rankOf = rankOf;
  }

  add(item: T): void {
    this.#count += 1;
    const rank = this.#rankOf(item);
    const last = this.#items.at(-1);
    if (this.#items.length >= this.#limit && last !== undefined && this.#rankOf(last) <= rank) return;
    const at = this.#items.findIndex((other) => this.#rankOf(other) > rank);
    this.#items.splice(at === -1 ? this.#items.length : at, 0, item);
    if (this.#items.length > this.#limit) this.#items.pop();
  }

  get items(): readonly T[] {
    return this.#items;
  }

  get count(): number {
    return this.#count;
  }
}
