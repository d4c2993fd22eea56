import { AutosslError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { runFailed } from '../../core/report/events/work-events.js';

/** Why a run takes no more work, as one clause: a signal, its deadline, its lock that is gone, or a clock that was set. */
export function stopClause(signal: AbortSignal): string {
  const reason = signal.reason as { readonly name?: unknown; readonly message?: unknown } | undefined;
  if (reason?.name === 'TimeoutError') return 'the run’s deadline is reached';
  return printable(String(reason?.message ?? reason));
}

/**
 * A run that lost its lock, or whose clock was set, ends with that error; one that was told to stop ends with its report.
 * @throws StateError LOCK_LOST, CLOCK_JUMPED
 */
export function throwIfCutShort(signal: AbortSignal): void {
  if (signal.aborted && signal.reason instanceof AutosslError) throw signal.reason;
}

/** That a run ends before all was done. */
export function runStopped(signal: AbortSignal): RunEvent {
  const message = `Not all was done: ${stopClause(signal)}.`;
  return runFailed('RUN_STOPPED', message, 'The rest waits for the next run.');
}

/** Whether something was thrown for nothing but that the run is to stop: what it was at is left for the next one. */
export function isStopItself(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && error === signal.reason && !(error instanceof AutosslError);
}
