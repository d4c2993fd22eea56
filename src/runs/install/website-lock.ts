import type { HeldLock } from '../ports.js';

/** A website's lock in the hands of whoever works on the website, until an installation takes it over. */
export class WebsiteLock {
  readonly held: HeldLock;
  #isHanded = false;

  constructor(held: HeldLock) {
    this.held = held;
  }

  /** From now on the receiver releases it. */
  hand(): HeldLock {
    this.#isHanded = true;
    return this.held;
  }

  /** Releases it, unless somebody else will. */
  async release(): Promise<void> {
    if (!this.#isHanded) await this.held.release();
  }
}
