/** What is examined, in the order in which it is told. */
export const EXAMINATIONS = [
  'PAIRS',
  'SERVICE_PAIRS',
  'COPIES',
  'MODES',
  'LINKS',
  'LEFTOVERS',
  'LOCKS',
  'JOURNALS',
  'CACHES',
  'CRON',
  'DAEMONS',
  'ROOM',
  'RESOLVER',
  'CA',
  'CLOCK',
  'CHALLENGES',
  'LIMITS',
  'NOTICES',
] as const;
export type Examination = (typeof EXAMINATIONS)[number];

/** `unknown`: it could not be looked at, which is no fault by itself. */
export type Health = 'ok' | 'warning' | 'fault' | 'unknown';

/** What one examination found, printable. */
export interface Finding {
  readonly code: Examination;
  readonly health: Health;
  /** One line. */
  readonly message: string;
  /** What to do; null: nothing. */
  readonly advice: string | null;
  /** `--fix` mends it. */
  readonly isFixable: boolean;
}

export interface DoctorReport {
  readonly schemaVersion: 1;
  readonly at: string;
  readonly findings: readonly Finding[];
  /** What `--fix` did, in its order. */
  readonly mended: readonly string[];
}

/** More of a kind are counted, not listed. */
const MOST_LISTED = 20;

export function ok(code: Examination, message: string): Finding {
  return { code, health: 'ok', message, advice: null, isFixable: false };
}

export function unknown(code: Examination, message: string): Finding {
  return { code, health: 'unknown', message, advice: null, isFixable: false };
}

/** One finding for each subject, the rest in one line; what is fine as said when there are none. */
export function eachOf(
  code: Examination,
  troubles: readonly string[],
  kind: Omit<Finding, 'code' | 'message'>,
  whenNone: string,
): readonly Finding[] {
  if (troubles.length === 0) return [ok(code, whenNone)];
  const more = troubles.length - MOST_LISTED;
  const shown = troubles.slice(0, MOST_LISTED).map((message) => ({ ...kind, code, message }));
  return more > 0 ? [...shown, { ...kind, code, message: `and ${more} more of the same kind` }] : shown;
}
