import { UsageError } from '../../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../../core/domain/name/names.js';
import type { ListedLog } from '../../core/report/tables/logs-table.js';
import { escapeInvisible } from '../../core/report/text/json-lines.js';
import { parseLogInstant } from '../../core/report/text/log-instant.js';
import type { Clock } from '../ports/clock.js';
import type { RunLogs } from '../ports/journal.js';

/** One line of a run's log, in the documented members. */
export interface LogRecord {
  readonly timestamp: string;
  readonly type: string;
  readonly indent: number;
  readonly pid: number;
  readonly partial: number;
  readonly contents: string;
}

/** The lines of one run. @throws UsageError BAD_ARGUMENT when there is no such log; StateError TREE_UNREADABLE */
export async function readLogRecords(startTime: string, logs: RunLogs): Promise<readonly LogRecord[]> {
  const text = await readLog(startTime, 'json', logs);
  return text.split('\n').flatMap((line) => recordOf(line) ?? []);
}

/** What one run said, as people read it. @throws as `readLogRecords` */
export async function readLog(startTime: string, format: 'json' | 'txt', logs: RunLogs): Promise<string> {
  assertStart(startTime);
  const text = await logs.read(startTime, format);
  if (text === undefined) throw noSuchLog(startTime);
  return text;
}

/** Which log is read, and how. */
export interface LogQuestion {
  /** When the run started, or `latest`. */
  readonly start: string;
  readonly format: 'json' | 'txt';
  /** Wait for further lines until the run ends. */
  readonly isFollowed: boolean;
  readonly signal: AbortSignal;
}

/** How often a log that is followed is looked at. */
const LOOK_AGAIN_MS = 500;

/**
 * The lines of a log in their order, each safe for a terminal; as records (`json`), a JSON object a line. A line that a crash
 * cut off is left out of the records. Ends with the run, or when the signal aborts. @throws UsageError BAD_ARGUMENT; StateError
 */
export async function* logLines(
  { start, format, isFollowed, signal }: LogQuestion,
  { logs, clock }: { readonly logs: RunLogs; readonly clock: Clock },
): AsyncGenerator<string> {
  const startedAt = start === LATEST ? await latestLog(logs) : start;
  assertStart(startedAt);
  const tail = await logs.tail(startedAt, format);
  if (tail === undefined) throw noSuchLog(startedAt);
  const shown = format === 'txt' ? printable : jsonLine;
  for (;;) {
    // Asked first: what it writes until its end is read after that.
    const isGoingOn = isFollowed && (await logs.isInProgress(startedAt));
    for await (const line of tail.newLines()) {
      const text = shown(line);
      if (text !== undefined) yield text;
      if (signal.aborted) return;
    }
    if (!isGoingOn) break;
    await clock.sleep(LOOK_AGAIN_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
  }
  const rest = shown(tail.rest());
  if (rest !== undefined && rest !== '') yield rest;
}

/** The log of the run that started last. */
const LATEST = 'latest';

async function latestLog(logs: RunLogs): Promise<string> {
  const [newest] = await logs.list();
  if (newest !== undefined) return newest.startedAt;
  throw new UsageError('BAD_ARGUMENT', 'there is no log yet', {
    advice: 'Each run of autossl_check leaves one.',
  });
}

function jsonLine(line: string): string | undefined {
  const record = recordOf(line);
  return record === undefined ? undefined : escapeInvisible(JSON.stringify(record));
}

/** @throws UsageError BAD_ARGUMENT */
function assertStart(startTime: string): void {
  if (parseLogInstant(startTime) !== undefined) return;
  throw new UsageError(
    'BAD_ARGUMENT',
    `${quoteForMessage(startTime)} is not the start of a run, like 2026-11-22T02:17:00Z`,
  );
}

function noSuchLog(startTime: string): UsageError {
  return new UsageError(
    'BAD_ARGUMENT',
    `there is no log of a run that started at ${quoteForMessage(startTime)}`,
  );
}

/** Which logs are looked for. */
export interface LogScope {
  /** An account, or `*` for runs of all; null = any. */
  readonly user: string | null;
  readonly state: ListedLog['state'] | null;
}

/** The logs that are kept, newest first. @throws StateError TREE_UNREADABLE */
export async function listLogs({ user, state }: LogScope, logs: RunLogs): Promise<readonly ListedLog[]> {
  const all = (await logs.list()).map(
    ({ startedAt, provider, username, isInProgress }): ListedLog => ({
      start: startedAt,
      state: isInProgress ? 'running' : 'ended',
      user: username === null ? null : printable(username),
      provider: provider === null ? null : printable(provider),
    }),
  );
  return all.filter((log) => (user === null || log.user === user) && (state === null || log.state === state));
}

/** A line that a crash cut off is left out. */
function recordOf(line: string): LogRecord | undefined {
  if (line === '') return undefined;
  try {
    const record = JSON.parse(line) as LogRecord;
    const { timestamp, type, indent, pid, partial, contents } = record;
    return { timestamp, type, indent, pid, partial, contents };
  } catch {
    return undefined;
  }
}
