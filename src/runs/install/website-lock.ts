import type { HeldLock } from '../ports/locks.js';

/** A website's lock in the hands of whoever works on the website, until an installation takes it over. */
export class WebsiteLock {
  readonly held: HeldLock;
  #isHanded = false;
  #isReleased = false;

  constructor(held: HeldLock) {
    this.held = held;
  }

  get isHanded(): boolean {
    return this.#isHanded;
  }

  /** From now on the receiver releases it. */
  hand(): HeldLock {
    this.#isHanded = true;
    return this.held;
  }

  /** Releases it once, unless somebody else will. */
  async release(): Promise<void> {
    if (this.#isHanded || this.#isReleased) return;
    this.#isReleased = true;
    await this.held.release();
  }
}
