import { isInstantDue } from '../../domain/stored-instant.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** RFC 9773 section 4.3.2: shorter intervals count as a minute, longer ones as a day. */
const SHORTEST_MS = MINUTE_MS;
const LONGEST_MS = 24 * HOUR_MS;
/** Without Retry-After, and after lasting errors (RFC 9773 section 4.3.3). */
const USUAL_MS = 6 * HOUR_MS;
/** Temporary errors in a row before they count as lasting: 1, 2, 4, 8 and 16 minutes. */
const TEMPORARY_TRIES = 5;
/** An instant is put off by so much of its interval at most, and never longer, so that certificates of one file are asked about together. */
const LATER_SHARE = 1 / 10;
const LATEST_MS = HOUR_MS / 2;
/** Nothing that is written here lies further ahead. */
const LONGEST_ASKING_MS = LONGEST_MS + LATEST_MS;

/** How the CA was found when it was asked. Instants of Retry-After are absolute. */
export type AskingEnd =
  | { readonly kind: 'said'; readonly retryAt: Date | null }
  /** `temporary`: no answer in time, or a 5xx; `lasting`: anything else. */
  | { readonly kind: 'temporary' | 'lasting'; readonly retryAt: Date | null }
  /** The CA does not know this certificate: it may know the next one. */
  | { readonly kind: 'unknown-certificate' };

/**
 * When the CA is asked again, and how often it has failed in a row: by its Retry-After within 1 minute and 1 day, else after 6
 * hours; temporary errors by doubling minutes, then as lasting ones, after 6 hours or what it says; a day where the CA does not
 * know the certificate.
 * `phase` in [0, 1): where in a raster its instants lie, so that thousands of certificates are spread.
 */
export function nextAsking(
  end: AskingEnd,
  failures: number,
  phase: number,
  now: Date,
): { readonly askAt: Date; readonly failures: number } {
  if (end.kind === 'unknown-certificate') return { askAt: onRaster(LONGEST_MS, phase, now), failures: 0 };
  const told = end.retryAt === null ? null : clamped(end.retryAt.getTime() - now.getTime());
  if (end.kind === 'said') return { askAt: onRaster(told ?? USUAL_MS, phase, now), failures: 0 };
  const failed = failures + 1;
  const isShort = end.kind === 'temporary' && failed <= TEMPORARY_TRIES;
  const waitMs = isShort
    ? Math.max(told ?? 0, SHORTEST_MS * 2 ** (failed - 1))
    : Math.max(told ?? 0, USUAL_MS);
  return {
    askAt: isShort ? new Date(now.getTime() + waitMs) : onRaster(waitMs, phase, now),
    // Minutes begin anew after a lasting pause.
    failures: isShort ? failed : 0,
  };
}

/** Whether a certificate is asked about now: its instant has come, or only a clock that was wrong can have written it. */
export function isAskingDue(askAt: Date, now: Date): boolean {
  return isInstantDue(askAt, LONGEST_ASKING_MS, now);
}

/** Asked about sooner than the CA said, because it called others of its certificates back: within half an hour. */
export function hastened(phase: number, now: Date): Date {
  return new Date(now.getTime() + Math.floor(phase * LATEST_MS));
}

function clamped(ms: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ms));
}

/** The first instant of its raster that is not before the interval's end. */
function onRaster(intervalMs: number, phase: number, now: Date): Date {
  const raster = Math.max(1, Math.floor(Math.min(LATEST_MS, intervalMs * LATER_SHARE)));
  const earliest = now.getTime() + intervalMs;
  const offset = Math.floor(phase * raster);
  const behind = (((earliest - offset) % raster) + raster) % raster;
  return new Date(behind === 0 ? earliest : earliest + raster - behind);
}
