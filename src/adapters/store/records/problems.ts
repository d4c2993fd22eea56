import { join } from 'node:path';
import {
  type AccountName,
  isAccountName,
  parseAccountName,
} from '../../../core/domain/account/account-name.js';
import type { ProblemRecord, ProblemStore } from '../../../runs/ports/records.js';
import { ensureFolder, isThere, removeFile } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { readRecordFile, recordNamesIn, writeRecordFile } from './record-file.js';

const SUFFIX = '.json';
const SIDES = ['ours', 'owner'] as const;

/** The latest problem per name of an account: `problems/<account>.json`. */
export class FileProblemStore implements ProblemStore {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** @throws StateError CORRUPT_RECORD, UsageError BAD_NAME */
  async read(account: string): Promise<readonly ProblemRecord[]> {
    const found = readRecordFile(this.#path(account), (fields) =>
      fields.records('problems', (problem) => ({
        domain: problem.text('domain'),
        vhost: problem.text('vhost'),
        code: problem.text('code'),
        message: problem.text('message'),
        advice: problem.textOrNull('advice'),
        ...(problem.textOrNull('fault') === null ? {} : { fault: problem.oneOf('fault', SIDES) }),
        ...(problem.textOrNull('about') === 'website' ? { about: 'website' as const } : {}),
        ...(problem.isTrue('pointsElsewhere') ? { pointsElsewhere: true as const } : {}),
        ...(problem.textOrNull('unpauseUrl') === null ? {} : { unpauseUrl: problem.text('unpauseUrl') }),
        ...(problem.instantOrNull('since') === null ? {} : { since: problem.instant('since') }),
        at: problem.instant('at'),
        logStartedAt: problem.textOrNull('logStartedAt'),
      })),
    );
    return found ?? [];
  }

  /** Accounts that have a list, by name. @throws StateError TREE_UNREADABLE */
  async accounts(): Promise<readonly AccountName[]> {
    return (await recordNamesIn(this.#tree.problems())).filter(isAccountName);
  }

  async write(account: string, problems: readonly ProblemRecord[]): Promise<void> {
    const path = this.#path(account);
    if (problems.length === 0) {
      // Nearly every account has none and had none: a look costs a hundredth of an unlink in the thread pool.
      if (await isThere(path)) await removeFile(path);
      return;
    }
    this.#tree.assertInside(this.#tree.problems());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.problems(), 0o700);
    await writeRecordFile(path, { account, problems });
  }

  #path(account: string): string {
    return join(this.#tree.problems(), `${parseAccountName(account)}${SUFFIX}`);
  }
}
