const DAY_MS = 86_400_000;

/** The part of a life that is left when somebody has to hear that nothing has renewed the certificate. */
const LAST_PART = 1 / 10;
/** However short the life, two runs fall into the time that is left … */
const RUNS_LEFT = 2;
/** … unless that would be more than half of it. */
const MOST_OF_LIFE = 1 / 2;
/** A renewal that failed for so long after it was due will not mend itself: three nights, or a tenth of a short life. */
const PATIENCE_MS = 3 * DAY_MS;

export interface Lifetime {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** When a tenth of its life is left. */
export function lastPartAt({ notBefore, notAfter }: Lifetime): Date {
  return new Date(Math.floor(notAfter.getTime() - lifeOf({ notBefore, notAfter }) * LAST_PART));
}

export function isLifeNearlyOver(lifetime: Lifetime, now: Date): boolean {
  return now >= lastPartAt(lifetime);
}

/**
 * From when on it is told that a certificate of ours is not renewed, whatever the reason: a tenth of its life before it
 * expires, or two runs before (at most half the life).
 */
export function watchdogAt(lifetime: Lifetime, runIntervalMs: number): Date {
  const life = lifeOf(lifetime);
  const margin = Math.max(life * LAST_PART, Math.min(RUNS_LEFT * runIntervalMs, life * MOST_OF_LIFE));
  return new Date(Math.floor(lifetime.notAfter.getTime() - margin));
}

/** From when on a renewal that failed in this run is told: it has been due for three nights, or the watchdog's time has come. */
export function failureMattersAt(lifetime: Lifetime, dueAt: Date, runIntervalMs: number): Date {
  const patience = Math.min(PATIENCE_MS, lifeOf(lifetime) * LAST_PART);
  const late = Math.floor(dueAt.getTime() + patience);
  return new Date(Math.min(late, watchdogAt(lifetime, runIntervalMs).getTime()));
}

function lifeOf({ notBefore, notAfter }: Lifetime): number {
  return Math.max(0, notAfter.getTime() - notBefore.getTime());
}
