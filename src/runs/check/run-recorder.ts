import { AutosslError } from '../../core/domain/autossl-error.js';
import { isNotable, type RunFault } from '../../core/report/check/tally.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { runFailed } from '../../core/report/events/work-events.js';
import { FindingCollector } from '../findings/finding-collector.js';
import type { RunJournal } from '../ports/journal.js';

/** Hands each event to the log and to listeners (progress, `--verbose`), and keeps those that the report derives from. */
export class RunRecorder {
  readonly #notable: RunEvent[] = [];
  readonly #journal: RunJournal | null;
  readonly #listen: (event: RunEvent) => void;
  #isLossSaid = false;
  /** What was found of websites, for people to be told. */
  readonly findings: FindingCollector;

  constructor(
    journal: RunJournal | null,
    listen: (event: RunEvent) => void,
    findings: FindingCollector = new FindingCollector(),
  ) {
    this.findings = findings;
    this.#journal = journal;
    this.#listen = listen;
  }

  /** Start of the log's run; null when nothing is logged (dry run). */
  get logStartedAt(): string | null {
    return this.#journal?.startedAt || null;
  }

  /** The same for the log that the website's lines go to. */
  logStartedAtOf(vhost: string): string | null {
    return this.#journal?.startedAtOf?.(vhost) ?? this.logStartedAt;
  }

  record = (...events: readonly RunEvent[]): void => {
    for (const event of events) {
      this.#journal?.record(event);
      this.#listen(event);
      if (isNotable(event)) this.#notable.push(event);
    }
  };

  /** Writes what is kept back; lines that were lost are said, as a fault of the run, once. */
  async flush(): Promise<void> {
    await this.#sayLoss(() => this.#journal?.flush());
  }

  /** Ends the log; gives the fault of the run that lost lines are, if that was not said before. */
  async end(): Promise<RunFault | null> {
    return await this.#sayLoss(() => this.#journal?.close());
  }

  async #sayLoss(task: () => Promise<void> | undefined): Promise<RunFault | null> {
    try {
      await task();
      return null;
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      if (this.#isLossSaid) return null;
      this.#isLossSaid = true;
      const event = runFailed('LOG_NOT_WRITTEN', error.message, error.advice);
      this.record(event);
      return { code: event.code, message: event.contents };
    }
  }

  /** Faults, installed certificates and pending orders so far. */
  get notable(): readonly RunEvent[] {
    return this.#notable;
  }
}
