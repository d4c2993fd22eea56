import type { FaultSide } from '../../domain/fault-side.js';

/** Kinds of a log record, as documented; `error` is what files show for `failure`. */
export type EventType = 'out' | 'warn' | 'success' | 'error';

/**
 * One thing that happened. The text log, the JSON log, problems and the exit code derive from events.
 * `contents` is one printable line without newline; `code` is stable; `data` is plain JSON.
 */
export interface RunEvent {
  readonly type: EventType;
  readonly code: string;
  /** 0 = run, 1 = user, 2 = website, 3 = detail (analysis); 0 user, 1 website, 2 detail (later phases). */
  readonly indent: 0 | 1 | 2 | 3;
  readonly contents: string;
  readonly account?: string;
  readonly vhost?: string;
  readonly name?: string;
  /** `ours`: exit 1; `owner`: reported, exit 0. Absent: no fault. */
  readonly fault?: FaultSide;
  readonly data?: unknown;
}
