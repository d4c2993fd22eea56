import { join } from 'node:path';
import { StateError } from '../../../core/domain/autossl-error.js';
import { type DueIndex, type DueWebsite, NO_DUE_WEBSITES } from '../../../core/plan/due-website.js';
import type { DueIndexStore } from '../../../runs/ports/orders.js';
import { ensureFolder, removeFile } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { readRecordFile, writeRecordFile } from './record-file.js';

/** What is due between two runs: `index/due.json`. */
export class FileDueIndex implements DueIndexStore {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** A damaged one counts as none: the next run makes it anew. */
  read(): DueIndex {
    try {
      return (
        readRecordFile(this.#path(), (fields) => {
          const until = fields.instantOrNull('until');
          const hostnameDueAt = fields.instantOrNull('hostnameDueAt');
          const websites = fields.records('websites', (website): DueWebsite => {
            const tries = website.countIfAny('tries');
            return {
              account: website.text('account'),
              vhost: website.text('vhost'),
              dueAt: website.instant('dueAt'),
              emergencyAt: website.instantOrNull('emergencyAt'),
              logStartedAt: website.textOrNull('logStartedAt'),
              ...(website.isTrue('isCalledBack') ? { isCalledBack: true } : {}),
              ...(tries === 0 ? {} : { tries }),
            };
          });
          return { until, websites, ...(hostnameDueAt === null ? {} : { hostnameDueAt }) };
        }) ?? NO_DUE_WEBSITES
      );
    } catch (error) {
      if (error instanceof StateError && error.code === 'CORRUPT_RECORD') return NO_DUE_WEBSITES;
      throw error;
    }
  }

  async write(index: DueIndex): Promise<void> {
    this.#tree.assertInside(this.#tree.index());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.index(), 0o700);
    try {
      await writeRecordFile(this.#path(), index);
    } catch (error) {
      // Of another version: it is only a cache.
      if (!(error instanceof StateError) || error.code !== 'CORRUPT_RECORD') throw error;
      await removeFile(this.#path());
      await writeRecordFile(this.#path(), index);
    }
  }

  #path(): string {
    return join(this.#tree.index(), 'due.json');
  }
}
