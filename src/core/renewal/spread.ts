import { createHash } from 'node:crypto';

/** How renewals are spread out: each is earlier by its share of a part of its life. */
export interface Spread {
  readonly ofLife: number;
  /** What of a share stays the same at each renewal; the rest is the very certificate's. */
  readonly stablePart: number;
}

/** Where no CA says when to renew. */
export const OWN_SPREAD: Spread = { ofLife: 1 / 6, stablePart: 3 / 4 };
/** Where it does (design 5.2): so much earlier than the instant drawn from its window, a draw by itself. */
export const WINDOW_SPREAD: Spread = { ofLife: 1 / 10, stablePart: 9 / 10 };

const HASH_RANGE = 2 ** 32;

/**
 * A website's share, from 0 up to but not including 1, evenly spread over names. Most of it is the same for the same name,
 * so that websites that were ordered at once drift apart at each renewal (shares drawn anew each time would keep them
 * together); the rest parts those of like shares that an outage brought together.
 */
export function spreadShareOf(vhost: string, notAfter: Date, { stablePart }: Spread): number {
  const ofName = fractionOf(`renewal ${vhost}`);
  const ofCertificate = fractionOf(`renewal ${vhost} ${notAfter.getTime()}`);
  return stablePart * ofName + (1 - stablePart) * ofCertificate;
}

function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / HASH_RANGE;
}
