import { join } from 'node:path';
import { StateError } from '../../../core/domain/autossl-error.js';
import type { WantedName } from '../../../core/domain/name/names.js';
import type { NameRecord } from '../../../core/order/name-record.js';
import type { NameMemory } from '../../../runs/ports/records.js';
import { ensureFolder, removeFile } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import type { RecordFields } from './record-fields.js';
import { readRecordFile, recordNamesIn, writeRecordFile } from './record-file.js';
import { recordFileName } from './record-name.js';

/** As the contract of NameRecord says. */
const MAX_CA_FAILURES = 20;

/** The retry memory: `names/<name>.json`. */
export class FileNameMemory implements NameMemory {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** @throws StateError CORRUPT_RECORD */
  async read(name: WantedName): Promise<NameRecord | undefined> {
    return readRecordFile(this.#path(name), parseNameRecord);
  }

  /** Every record, one after the other; null for one that cannot be read. @throws StateError TREE_UNREADABLE */
  async *list(): AsyncGenerator<NameRecord | null> {
    for (const name of await recordNamesIn(this.#tree.nameRecords())) {
      try {
        const record = readRecordFile(join(this.#tree.nameRecords(), `${name}.json`), parseNameRecord);
        if (record !== undefined) yield record;
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        yield null;
      }
    }
  }

  /** @throws StateError, UsageError BAD_NAME */
  async write(record: NameRecord): Promise<void> {
    const path = this.#path(record.name);
    this.#tree.assertInside(this.#tree.nameRecords());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.nameRecords(), 0o700);
    await writeRecordFile(path, { ...record, caFailures: record.caFailures.slice(0, MAX_CA_FAILURES) });
  }

  async forget(name: WantedName): Promise<void> {
    await removeFile(this.#path(name));
  }

  #path(name: string): string {
    return join(this.#tree.nameRecords(), recordFileName(name));
  }
}

function parseNameRecord(fields: RecordFields): NameRecord {
  return {
    schemaVersion: 1,
    name: fields.text('name'),
    lastPassedAt: fields.instantOrNull('lastPassedAt'),
    consecutiveFailures: fields.count('consecutiveFailures'),
    caFailures: fields.records('caFailures', (failure) => ({
      at: failure.instant('at'),
      provider: failure.text('provider'),
      code: failure.text('code'),
    })),
    lastFailure: fields.recordOrNull('lastFailure', (failure) => ({
      at: failure.instant('at'),
      code: failure.text('code'),
      message: failure.text('message'),
      source: failure.oneOf('source', ['local', 'ca']),
    })),
    nextAttemptAt: fields.instantOrNull('nextAttemptAt'),
  };
}
