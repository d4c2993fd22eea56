import { AutosslError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';

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
