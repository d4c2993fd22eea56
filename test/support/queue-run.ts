import type { RunEvent } from '../../src/core/report/events/event.js';
import type { QueueReport } from '../../src/core/report/queue-report.js';
import { logInstant } from '../../src/core/report/text/log-instant.js';
import type { OrderKeeper } from '../../src/runs/order/order-keeper.js';
import type { RunJournal } from '../../src/runs/ports/journal.js';
import { checkQueue } from '../../src/runs/queue/check-queue.js';
import type { QueueHost } from '../../src/runs/queue/queue-host.js';
import { lookAtQueue } from '../../src/runs/queue/queue-look.js';
import { FakeCa } from './fake-ca.js';
import { FAKE_NOW, FakeHost } from './fake-host.js';

/** A FakeHost that keeps its logs apart, so that a poller can go on with them. */
export class FakeQueueHost extends FakeHost implements QueueHost {
  /** Events by the log's name. */
  readonly logs = new Map<string, RunEvent[]>();
  keepers: readonly OrderKeeper[] = [];

  override async openJournal(): Promise<RunJournal> {
    if (this.logOpenFault !== null) throw this.logOpenFault;
    this.journals += 1;
    let at = this.clock.now();
    while (this.logs.has(logInstant(at))) at = new Date(at.getTime() + 1000);
    return this.#logNamed(logInstant(at));
  }

  async resumeJournal(startedAt: string): Promise<RunJournal | undefined> {
    return this.logs.has(startedAt) ? this.#logNamed(startedAt) : undefined;
  }

  otherKeepers: QueueHost['otherKeepers'] = () => this.keepers;
  renewHostname: QueueHost['renewHostname'] = async () => {
    throw new Error('not expected');
  };

  /** Codes of a log, in order. */
  codesOf(log: string | undefined): string[] {
    return (this.logs.get(log ?? '') ?? []).map(({ code }) => code);
  }

  #logNamed(startedAt: string): RunJournal {
    const events = this.logs.get(startedAt) ?? [];
    this.logs.set(startedAt, events);
    return {
      startedAt,
      record: (event) => {
        events.push(event);
      },
      flush: () => this.logEnd(),
      close: () => this.logEnd(),
    };
  }
}

/** A host whose CA issues whatever is asked for. */
export function queueHostWithCa(): { readonly host: FakeQueueHost; readonly ca: FakeCa } {
  const host = new FakeQueueHost();
  const ca = new FakeCa(() => host.clock.now());
  host.ca = ca;
  return { host, ca };
}

/** One call of autossl_check_queue: a look, and a turn when something is due. Null: nothing was. */
export async function runQueue(
  host: FakeQueueHost,
  words: { readonly force?: boolean; readonly signal?: AbortSignal } = {},
): Promise<QueueReport | null> {
  const isForced = words.force === true;
  if (!(await lookAtQueue(isForced, host)).isDue) return null;
  const signal = words.signal ?? new AbortController().signal;
  return checkQueue({ isForced, signal }, host, () => undefined);
}

/** The instant so many minutes after the fake clock's first. */
export function minutesLater(minutes: number): string {
  return new Date(Date.parse(FAKE_NOW) + minutes * 60_000).toISOString();
}
