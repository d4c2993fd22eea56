import type { RunEvent } from '../../core/report/event.js';
import { isNotable } from '../../core/report/tally.js';
import type { RunJournal } from '../ports.js';

/** Hands each event to the log and to listeners (progress, `--verbose`), and keeps those that the report derives from. */
export class RunRecorder {
  readonly #notable: RunEvent[] = [];
  readonly #journal: RunJournal | null;
  readonly #listen: (event: RunEvent) => void;

  constructor(journal: RunJournal | null, listen: (event: RunEvent) => void) {
    this.#journal = journal;
    this.#listen = listen;
  }

  /** Start of the log's run; null when nothing is logged (dry run). */
  get logStartedAt(): string | null {
    return this.#journal?.startedAt ?? null;
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

  /** Faults, installed certificates and pending orders so far. */
  get notable(): readonly RunEvent[] {
    return this.#notable;
  }
}
