import { printable } from '../../domain/name/names.js';
import { type Column, renderColumns } from '../text/columns.js';
import { counted } from '../text/wording.js';

/** One run whose log is kept, as `autossl logs --json` prints it. Texts printable. */
export interface ListedLog {
  /** ISO 8601, to the second: the log's name. */
  readonly start: string;
  readonly state: 'running' | 'ended';
  /** An account; `*`: all. */
  readonly user: string | null;
  readonly provider: string | null;
}

export const LOG_STATES = ['running', 'ended'] as const;
export const LOG_SORTS = ['start', 'user', 'provider'] as const;
export type LogSort = (typeof LOG_SORTS)[number];

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Start', leastWidth: 20 },
  { title: 'State', leastWidth: 7 },
  { title: 'User', leastWidth: 23 },
  { title: 'Provider', leastWidth: 24 },
];

/** The logs by start (newest first), or by user or provider, each newest first. */
export function sortLogs(logs: readonly ListedLog[], sort: LogSort): readonly ListedLog[] {
  const key = (log: ListedLog): string => (sort === 'start' ? '' : (log[sort] ?? ''));
  return [...logs].sort((a, b) => compare(key(a), key(b)) || compare(b.start, a.start));
}

/** The logs under their titles. */
export function* renderLogs(logs: readonly ListedLog[], width: number | null): Generator<string> {
  if (logs.length === 0) {
    yield 'There is no such log.';
    return;
  }
  const rows = logs.map(({ start, state, user, provider }) =>
    [start, state, user ?? '?', provider ?? '?'].map(printable),
  );
  yield* renderColumns(COLUMNS, rows, width);
  yield `${counted(logs.length, 'log')}. To read the newest: autossl log`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
