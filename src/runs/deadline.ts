/** Aborts when a time is over. */
export interface Deadline {
  /** Its reason is a `TimeoutError`. */
  readonly signal: AbortSignal;
  /** The time does not matter any more. */
  end(): void;
}

/**
 * So many ms from now on. Not `AbortSignal.timeout`: where nothing but `AbortSignal.any` holds that, Node 20 collects it as
 * garbage, and the time is never over. Keeps no process alive.
 */
export function deadlineIn(ms: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, ms);
  timer.unref();
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}
