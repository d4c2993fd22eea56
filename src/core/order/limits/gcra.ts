/**
 * A limit as a token bucket: `capacity` at once, refilled evenly, all of it within `periodMs`. Kept by the generic cell rate
 * algorithm: one instant per bucket, the one at which it will be full again (its theoretical arrival time).
 */
export interface Rate {
  /** At least 1. */
  readonly capacity: number;
  readonly periodMs: number;
}

/** When a bucket will be full again, in ms since the epoch; null = nothing was ever taken from it. */
export type FullAtMs = number | null;

/** What is left in a bucket. */
export interface BucketStanding {
  readonly left: number;
  /** When one more may be taken; null = now. */
  readonly opensAt: Date | null;
  /** When all of it is there again; null = now. */
  readonly fullAt: Date | null;
}

/** Whole tokens in the bucket now, and when there will be more. An instant beyond what the bucket can owe (a clock that stepped back, emergencies) is debt. */
export function standingOf(rate: Rate, fullAt: FullAtMs, now: Date): BucketStanding {
  const owedMs = Math.max(0, (fullAt ?? 0) - now.getTime());
  const intervalMs = intervalOf(rate);
  // Rounding errors of a share of a millisecond must not cost a token.
  const left = Math.max(0, Math.floor((rate.periodMs - owedMs) / intervalMs + 1e-6));
  const opensInMs = owedMs + intervalMs - rate.periodMs;
  return {
    left,
    opensAt: left >= 1 ? null : new Date(Math.ceil(now.getTime() + opensInMs)),
    fullAt: owedMs === 0 ? null : new Date(Math.ceil(now.getTime() + owedMs)),
  };
}

/** The bucket after `count` were taken, whether it held them or not. */
export function taken(rate: Rate, fullAt: FullAtMs, now: Date, count = 1): number {
  return Math.max(fullAt ?? 0, now.getTime()) + count * intervalOf(rate);
}

/** The bucket after `count` were put back; null = it is full. Never more than full. */
export function putBack(rate: Rate, fullAt: FullAtMs, now: Date, count = 1): FullAtMs {
  const at = (fullAt ?? 0) - count * intervalOf(rate);
  return at > now.getTime() ? at : null;
}

/** When `count` more will have been taken, each as soon as it may; null = now, at once. */
export function allTakenAt(rate: Rate, fullAt: FullAtMs, now: Date, count: number): Date | null {
  const { left } = standingOf(rate, fullAt, now);
  if (count <= left) return null;
  const end = taken(rate, fullAt, now, count) - rate.periodMs;
  return new Date(Math.ceil(end));
}

/** Our share of a published limit: as many of its tokens, refilled at the same share of its pace. */
export function shareOf(rate: Rate, share: number): Rate {
  return { capacity: Math.max(1, Math.floor(rate.capacity * share)), periodMs: rate.periodMs };
}

function intervalOf({ capacity, periodMs }: Rate): number {
  return periodMs / capacity;
}
