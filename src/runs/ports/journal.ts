import type { RunEvent } from '../../core/report/events/event.js';

/** The run's log, in both formats. `record` is buffered; `flush` and `close` are durable. */
export interface RunJournal {
  /** ISO start (second precision), the log's name. */
  readonly startedAt: string;
  /** Name of the log that a website's lines go to; absent: of all the one above. */
  startedAtOf?(vhost: string): string;
  /** MUST NOT throw: a log that takes no more costs its lines, not the run. */
  record(event: RunEvent): void;
  /** @throws StateError WRITE_FAILED or NO_SPACE when lines were lost by now; the rest is written */
  flush(): Promise<void>;
  /** @throws as `flush`; it is closed all the same. Once closed nothing is recorded. */
  close(): Promise<void>;
}

/** One run's log, as the catalogue has it. */
export interface RunLogEntry {
  /** ISO 8601, to the second: the log's name. */
  readonly startedAt: string;
  readonly provider: string | null;
  /** An account, or `*`. */
  readonly username: string | null;
  readonly isInProgress: boolean;
}

/** The logs of runs that are kept. */
export interface RunLogs {
  /** Newest first. @throws StateError TREE_UNREADABLE */
  list(): Promise<readonly RunLogEntry[]>;
  /** Lines of one of the two renderings in their order; undefined when there is no such log. @throws StateError TREE_UNREADABLE */
  read(startedAt: string, format: 'json' | 'txt'): Promise<string | undefined>;
  /** Line by line from its beginning, while it may still grow; undefined when there is no such log. */
  tail(startedAt: string, format: 'json' | 'txt'): Promise<LogTail | undefined>;
  /** Whether the run that began it is still at work. */
  isInProgress(startedAt: string): Promise<boolean>;
}

/** The lines of one log as they come. */
export interface LogTail {
  /** Whole lines that were not given before. @throws StateError TREE_UNREADABLE */
  newLines(): AsyncIterable<string>;
  /** What stands after the last whole line: of a run that ended there, all that will come. */
  rest(): string;
}
