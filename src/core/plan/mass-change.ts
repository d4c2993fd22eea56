/** Design 5.19: below this many websites no share of them is a mass. */
const MASS_FLOOR = 20;
/** Design 5.19: one website in ten. */
const MASS_SHARE = 0.1;
/** Design 5.19: how far our clock may be off the CA's. */
export const MAX_CLOCK_OFFSET_MS = 3_600_000;

/**
 * Whether the CA's clock, as it told it when it was opened (null: it did not), says that ours is right. A CA on this machine, or behind a
 * program here, has none to tell: ours is believed.
 */
export function isClockVouched(offsetMs: number | null, kind: 'acme' | 'local' | 'module'): boolean {
  return kind !== 'acme' || (offsetMs !== null && Math.abs(offsetMs) <= MAX_CLOCK_OFFSET_MS);
}

export interface HealthCount {
  /** Websites recorded as ours. */
  readonly oursCount: number;
  /** Those of them found absent or defective, by website name. */
  readonly unhealthy: readonly string[];
  /** Those of them that the clock alone can have broken: expired, or not valid yet. Absent = none. */
  readonly expired?: readonly string[];
}

/**
 * Whether so many websites that were healthy at the last run are broken now that the cause is rather this server
 * (a file system not mounted, a wrong clock, a wrong root) than the websites. Without an earlier run everything new counts.
 */
export function judgeMassChange(
  before: HealthCount | undefined,
  now: HealthCount,
): { readonly isBraked: boolean; readonly newlyUnhealthy: number; readonly limit: number } {
  const known = new Set(before?.unhealthy ?? []);
  const newlyUnhealthy = now.unhealthy.filter((vhost) => !known.has(vhost)).length;
  const limit = massLimit(now.oursCount);
  return { isBraked: newlyUnhealthy > limit, newlyUnhealthy, limit };
}

/** The same where nobody vouches for our clock: what it alone can have broken counts, too. */
export function judgeMassByClock(
  before: HealthCount | undefined,
  now: HealthCount,
): ReturnType<typeof judgeMassChange> {
  const all = ({ unhealthy, expired = [], ...rest }: HealthCount): HealthCount => ({
    ...rest,
    unhealthy: [...unhealthy, ...expired],
  });
  return judgeMassChange(before && all(before), all(now));
}

/** How many of so many websites may change at once before the cause is looked for in this server. */
export function massLimit(websites: number): number {
  return Math.max(MASS_FLOOR, Math.floor(MASS_SHARE * websites));
}
