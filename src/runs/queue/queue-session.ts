import type { RunRecorder } from '../check/run-recorder.js';
import type { InstallDesk } from '../install/install-desk.js';
import type { QueueHost } from './queue-host.js';
import type { QueueJournal } from './queue-journal.js';

/** What the parts of one turn of the poller share. */
export interface QueueSession {
  readonly host: QueueHost;
  readonly journal: QueueJournal;
  readonly recorder: RunRecorder;
  readonly installs: InstallDesk;
  readonly signal: AbortSignal;
  /** Clears away what crashes left; done once, before the first work. */
  prepare(): Promise<void>;
}
