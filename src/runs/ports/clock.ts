/** Time. */
export interface Clock {
  /** MUST NOT be moved by whoever sets the wall clock meanwhile. */
  now(): Date;
  /** By how many ms the wall clock was set forward (negative: back) since this clock began; absent: never. */
  aheadMs?(): number;
  /** Resolves after `ms`; MUST reject with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface RandomSource {
  /** Cryptographically strong bytes. */
  bytes(length: number): Uint8Array;
}
