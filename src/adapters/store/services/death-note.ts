import { join } from 'node:path';
import { AutosslError } from '../../../core/domain/autossl-error.js';
import type { DeathNote } from '../../../core/plan/services/deadly-pair.js';
import type { DeathNotes } from '../../../runs/ports/installation.js';
import { ensureFolder } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { readRecordFile, writeRecordFile } from '../records/record-file.js';

/** `died-of.json` of one service; `records`: the tree as its stores see it (`Tree.ofService`). */
export class FileDeathNotes implements DeathNotes {
  readonly #records: Tree;

  constructor(records: Tree) {
    this.#records = records;
  }

  get path(): string {
    return join(this.#records.own(), 'died-of.json');
  }

  async read(): Promise<DeathNote | null> {
    try {
      return (
        readRecordFile(this.path, (fields) => ({
          fingerprint: fields.text('fingerprint'),
          at: fields.instant('at'),
        })) ?? null
      );
    } catch (error) {
      // A note that cannot be read spares nobody; the next death writes another.
      if (error instanceof AutosslError) return null;
      throw error;
    }
  }

  async write(note: DeathNote): Promise<void> {
    await ensureFolder(this.#records.own(), 0o700);
    await writeRecordFile(this.path, note);
  }
}
