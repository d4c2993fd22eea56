import { StateError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import { parseLogInstant } from '../../core/report/text/log-instant.js';
import type { LogTail, RunLogEntry, RunLogs } from '../../runs/ports/journal.js';
import { listFolder } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';
import { readRunLog, readRunLogAttributes } from './log-reading.js';
import { openLogTail } from './log-tail.js';

/** The folders of `/var/cpanel/logs/autossl`. */
export class FileRunLogs implements RunLogs {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async list(): Promise<readonly RunLogEntry[]> {
    const names = (await this.#folders())
      .filter((name) => parseLogInstant(name) !== undefined)
      .sort()
      .reverse();
    const entries: RunLogEntry[] = [];
    for (const startedAt of names) {
      const attributes = await readRunLogAttributes(this.#tree, startedAt);
      if (attributes === undefined) continue;
      const { provider, username, isInProgress } = attributes;
      entries.push({ startedAt, provider, username, isInProgress });
    }
    return entries;
  }

  async read(startedAt: string, format: 'json' | 'txt'): Promise<string | undefined> {
    try {
      return await readRunLog(this.#tree, startedAt, format);
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  async tail(startedAt: string, format: 'json' | 'txt'): Promise<LogTail | undefined> {
    try {
      return await openLogTail(this.#tree, startedAt, format);
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  async isInProgress(startedAt: string): Promise<boolean> {
    return (await readRunLogAttributes(this.#tree, startedAt))?.isInProgress === true;
  }

  async #folders(): Promise<readonly string[]> {
    return listFolder(this.#tree.logs());
  }

  #unreadable(error: unknown): StateError {
    return new StateError(
      'TREE_UNREADABLE',
      `${quoteForMessage(this.#tree.logs())} cannot be read: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}
