import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/names.js';
import { parseLogInstant } from '../../core/report/log-instant.js';
import type { RunLogs } from '../ports.js';

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
  if (parseLogInstant(startTime) === undefined) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `${quoteForMessage(startTime)} is not the start of a run, like 2026-11-22T02:17:00Z`,
    );
  }
  const text = await logs.read(startTime, format);
  if (text === undefined) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `there is no log of a run that started at ${quoteForMessage(startTime)}`,
    );
  }
  return text;
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
