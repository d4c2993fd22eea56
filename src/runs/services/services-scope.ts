import type { RetryOutcome } from '../../core/report/events/service-events.js';

/** How checkallsslcerts is run. */
export interface ServicesScope {
  /** Has the program run once more, because an order pends; null: nobody wants that. MUST NOT throw. */
  readonly scheduleRetry: (() => Promise<RetryOutcome>) | null;
  readonly signal: AbortSignal;
}
