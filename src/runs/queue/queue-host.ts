import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderKeeper } from '../order/order-keeper.js';
import type { RunJournal } from '../ports/journal.js';
import type { HostnameTurn, HostnameTurnContext } from '../services/hostname/renew-hostname.js';

/** What the poller needs of the world: all that a check needs, and the logs of earlier runs. */
export interface QueueHost extends CheckHost {
  /** Goes on writing an earlier run's log; undefined when it is gone. @throws StateError WRITE_FAILED */
  resumeJournal(startedAt: string): Promise<RunJournal | undefined>;
  /** Who goes on with orders that are no website's. */
  otherKeepers(recorder: RunRecorder, signal: AbortSignal): readonly OrderKeeper[];
  /** Renews the certificates of this server's own services, where they are due. @throws StateError */
  renewHostname(context: HostnameTurnContext): Promise<HostnameTurn>;
}
