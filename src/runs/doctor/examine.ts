import { type DoctorReport, type Examination, type Finding, unknown } from '../../core/doctor/finding.js';
import { ProbeError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { Clock } from '../ports/clock.js';

/** One thing that is looked at, and perhaps mended. */
export interface Examiner {
  readonly code: Examination;
  look(signal: AbortSignal): Promise<readonly Finding[]>;
  /** Mends what is safe to mend; gives what it did, a line each. Absent: nothing is. */
  mend?(signal: AbortSignal): Promise<readonly string[]>;
}

/** A look that takes longer hangs: a dead file server, a CA that accepts and never answers. */
const LOOK_WITHIN_MS = 30_000;
/** Tens of thousands of websites are read, and copies written, within it. */
const LONG_LOOK_WITHIN_MS = 600_000;
const LONG: ReadonlySet<Examination> = new Set(['PAIRS', 'COPIES', 'LEFTOVERS', 'MODES', 'LIMITS']);

/**
 * Looks at everything, one after the other; with `isFix` mends what is safe and looks again. What goes wrong with one
 * is its finding, and ends nothing.
 */
export async function examine(
  examiners: readonly Examiner[],
  isFix: boolean,
  clock: Pick<Clock, 'now'>,
): Promise<DoctorReport> {
  const findings: Finding[] = [];
  const mended: string[] = [];
  for (const examiner of examiners) {
    let found = await lookWith(examiner);
    if (isFix && found.some(({ isFixable }) => isFixable)) {
      const { done, failed } = await mendWith(examiner);
      mended.push(...done);
      found = [...(await lookWith(examiner)), ...failed];
    }
    findings.push(...found);
  }
  return { schemaVersion: 1, at: clock.now().toISOString(), findings, mended };
}

async function lookWith({ code, look }: Examiner): Promise<readonly Finding[]> {
  try {
    return await withinTime(code, look);
  } catch (error) {
    return [unknown(code, `this could not be looked at: ${printable(reasonOf(error))}`)];
  }
}

async function mendWith({
  code,
  mend,
}: Examiner): Promise<{ readonly done: readonly string[]; readonly failed: readonly Finding[] }> {
  try {
    return { done: mend === undefined ? [] : await withinTime(code, mend), failed: [] };
  } catch (error) {
    const message = `this could not be mended: ${printable(reasonOf(error))}`;
    return { done: [], failed: [{ code, health: 'warning', message, advice: null, isFixable: false }] };
  }
}

async function withinTime<T>(code: Examination, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(LONG.has(code) ? LONG_LOOK_WITHIN_MS : LOOK_WITHIN_MS);
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new ProbeError('PROBE_FAILED', 'it took too long')), {
      once: true,
    });
  });
  ended.catch(() => undefined);
  return await Promise.race([act(signal), ended]);
}
