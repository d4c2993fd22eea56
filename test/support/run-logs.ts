import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '../../src/adapters/system/tree.js';
import { logInstant } from '../../src/core/report/text/log-instant.js';
import type { BuiltTree } from './tree-builder.js';

/** A record of a run's log, as it stands in the file `json`. */
export interface LogRecord {
  readonly timestamp: string;
  readonly type: string;
  readonly indent: number;
  readonly pid: number;
  readonly partial: number;
  readonly contents: string;
  readonly code: string;
  readonly account?: string;
  readonly vhost?: string;
  readonly name?: string;
  readonly fault?: 'ours' | 'owner';
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Folders of logs as nightly runs leave them, empty: on the four days before the instant. */
export function leavePastLogs(tree: Tree, before: Date): void {
  for (const days of [1, 2, 3, 4]) {
    const at = new Date(before.getTime() - days * 86_400_000);
    mkdirSync(join(tree.logs(), logInstant(at)), { recursive: true, mode: 0o700 });
  }
}

/** Folders of the logs of a tree, oldest first. */
export function logFolders(built: BuiltTree): string[] {
  const logs = built.tree.logs();
  return readdirSync(logs)
    .sort()
    .map((name) => join(logs, name));
}

export function recordsOf(folder: string): LogRecord[] {
  const lines = readFileSync(join(folder, 'json'), 'utf8').split('\n');
  if (lines.pop() !== '') throw new Error('the log does not end with a newline');
  return lines.map((line) => JSON.parse(line) as LogRecord);
}

/** The records of the newest log. @throws Error when there is no log */
export function lastRecords(built: BuiltTree): LogRecord[] {
  const folder = logFolders(built).at(-1);
  if (folder === undefined) throw new Error('there is no log');
  return recordsOf(folder);
}
