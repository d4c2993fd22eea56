const DAY_MS = 24 * 60 * 60_000;
const WEEK_MS = 7 * DAY_MS;

/** Below this share of its life a certificate from us is not ordered again for the same reason (design 5.18). */
const YOUNG_SHARE_OF_LIFE = 10;
/** Certificates a website may get in a week beside its regular renewals (design 5.18). */
const EXTRA_CERTIFICATES_PER_WEEK = 2;
/** Regular renewals come no faster than at half of the life (design 5.2). */
const EARLIEST_RENEWAL_SHARE = 0.5;

/** Reasons that are the CA's: it took the certificate back, or wants it replaced now. Nothing on this server brings them about. */
const REASONS_OF_CA: readonly string[] = ['CALLED_BACK', 'REVOKED', 'KEY_COMPROMISED'];
/** Reasons of an order that do not count against the week: the old certificate had to go, or names were added. */
export const UNCOUNTED_REASONS: readonly string[] = [...REASONS_OF_CA, 'NAMES_CHANGED'];
/** Certificates that a website gets in a tenth of a life because its CA takes back one after the other. */
export const MOST_TAKEN_BACK = 4;

/** One certificate that we got, as `issued/` remembers it; newest first in a list. */
export interface PastCertificate {
  readonly names: readonly string[];
  readonly because: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly issuedAt: string;
}

export type ReorderVerdict =
  | { readonly mayOrder: true }
  | { readonly mayOrder: false; readonly because: ReorderBrake; readonly until: Date };
export type ReorderBrake = 'TOO_YOUNG' | 'WEEKLY_LIMIT' | 'TAKEN_BACK_OFTEN';

/**
 * Whether a website may be ordered for once more (design 5.18): not while its newest certificate from us is valid and younger
 * than a tenth of its life, for the same names and nothing but the same defects; and at most 2 certificates a week beyond
 * what its renewals need (a 6-day certificate renews twice a week), not counting what its CA took or called back and other name
 * sets. A CA that does so again and again is followed 4 times in a tenth of a life.
 */
export function judgeReorder(
  past: readonly PastCertificate[],
  order: { readonly names: readonly string[]; readonly because: readonly string[] },
  now: Date,
): ReorderVerdict {
  const newest = [...past].sort((a, b) => Date.parse(b.issuedAt) - Date.parse(a.issuedAt))[0];
  if (newest === undefined) return { mayOrder: true };
  const lifeMs = Date.parse(newest.notAfter) - Date.parse(newest.notBefore);
  if (isOfCa(order.because)) return judgeTakenBack(past, lifeMs, now);
  const isOver = Date.parse(newest.notAfter) <= now.getTime();
  if (isUncounted(order.because) || !hasSameNames(newest.names, order.names)) return { mayOrder: true };
  const matureAt = new Date(Date.parse(newest.issuedAt) + lifeMs / YOUNG_SHARE_OF_LIFE);
  if (!isOver && now < matureAt && order.because.every((code) => newest.because.includes(code))) {
    return { mayOrder: false, because: 'TOO_YOUNG', until: matureAt };
  }
  const counted = past
    .filter((one) => hasSameNames(one.names, order.names) && !isUncounted(one.because))
    .map((one) => Date.parse(one.issuedAt))
    .filter((ms) => ms > now.getTime() - WEEK_MS)
    .sort((a, b) => a - b);
  const allowed =
    EXTRA_CERTIFICATES_PER_WEEK + Math.floor(WEEK_MS / Math.max(1, lifeMs * EARLIEST_RENEWAL_SHARE));
  if (counted.length < allowed) return { mayOrder: true };
  const opens = counted[counted.length - allowed] ?? now.getTime();
  return { mayOrder: false, because: 'WEEKLY_LIMIT', until: new Date(opens + WEEK_MS) };
}

function judgeTakenBack(past: readonly PastCertificate[], lifeMs: number, now: Date): ReorderVerdict {
  const spanMs = lifeMs / YOUNG_SHARE_OF_LIFE;
  const lately = past
    .filter(({ because }) => isOfCa(because))
    .map(({ issuedAt }) => Date.parse(issuedAt))
    .filter((ms) => ms > now.getTime() - spanMs)
    .sort((a, b) => a - b);
  const oldest = lately.at(-MOST_TAKEN_BACK);
  if (oldest === undefined) return { mayOrder: true };
  return { mayOrder: false, because: 'TAKEN_BACK_OFTEN', until: new Date(oldest + spanMs) };
}

/** Whether no order can be held back by what was issued: nothing of it is younger than a week or a tenth of its life. */
export function isLongAgo(past: readonly PastCertificate[], now: Date): boolean {
  return past.every(({ issuedAt, notBefore, notAfter }) => {
    const lifeMs = Date.parse(notAfter) - Date.parse(notBefore);
    return now.getTime() > Date.parse(issuedAt) + Math.max(WEEK_MS, lifeMs / YOUNG_SHARE_OF_LIFE);
  });
}

function isOfCa(because: readonly string[]): boolean {
  return because.some((code) => REASONS_OF_CA.includes(code));
}

function isUncounted(because: readonly string[]): boolean {
  return because.some((code) => UNCOUNTED_REASONS.includes(code));
}

/** Whether these are the same names, in any order. */
export function hasSameNames(one: readonly string[], other: readonly string[]): boolean {
  const set = new Set(one);
  return set.size === new Set(other).size && other.every((name) => set.has(name));
}
