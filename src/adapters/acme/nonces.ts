/** Nonces kept: more than the parallel requests of one run go stale at the CA before they are used. */
const MOST_NONCES = 16;

/**
 * Replay nonces that the CA gave (RFC 8555 section 6.5), newest used first: the older one is, the likelier it is
 * refused.
 */
export class NoncePool {
  #nonces: string[] = [];

  take(): string | undefined {
    return this.#nonces.pop();
  }

  /** Keeps a nonce from an answer; anything but base64url is ignored (RFC 8555 section 6.5.1). */
  keep(nonce: string | string[] | undefined): void {
    if (typeof nonce !== 'string' || !/^[A-Za-z0-9_-]{1,512}$/.test(nonce)) return;
    this.#nonces.push(nonce);
    if (this.#nonces.length > MOST_NONCES) this.#nonces.shift();
  }

  /** Forgets all: after one was refused, its contemporaries are suspect. */
  clear(): void {
    this.#nonces = [];
  }
}
