import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StateError } from '../../../core/domain/autossl-error.js';
import { parseHostName, quoteForMessage } from '../../../core/domain/name/names.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import type { OrphanNote } from '../../../core/plan/orphans.js';
import type { NamesOnDisk } from '../../../core/plan/served/unclaimed.js';
import type { OrphanNotes } from '../../../runs/ports/orphans.js';
import { ensureFolder, isErrno, removeFile } from '../../system/files/files.js';
import { isClockSettledHere } from '../../system/past-runs.js';
import type { Tree } from '../../system/tree.js';
import { readRawRecord, readRecordFile, writeRecordFile } from '../records/record-file.js';
import { nameOfRecordFile, recordFileName } from '../records/record-name.js';

const RECORD = '.json';

/** Which websites lie on disk, and `orphans.json`: since when some of them are nobody's. */
export class FileOrphanNotes implements OrphanNotes {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** @throws StateError TREE_UNREADABLE when a folder cannot be listed: nothing is known then */
  listOnDisk(): NamesOnDisk {
    const { issued, nameRecords, problems, websitesTls, copies } = this.#tree;
    return {
      websites: [...hostNames(list(websitesTls())), ...this.#recorded(issued())],
      copies: [...hostNames(list(copies()))],
      remembered: [...this.#recorded(nameRecords())],
      accounts: list(problems()).flatMap((file) =>
        file.endsWith(RECORD) ? [file.slice(0, -RECORD.length)] : [],
      ),
    };
  }

  /** @throws StateError CORRUPT_RECORD */
  read(): readonly OrphanNote[] {
    const parsed = readRecordFile(this.#tree.orphans(), (fields) =>
      fields.records('websites', (website) => ({
        vhost: website.text('vhost'),
        account: website.textOrNull('account'),
        goneSince: website.instant('goneSince'),
      })),
    );
    return parsed ?? [];
  }

  /** An empty list removes the file. @throws StateError WRITE_FAILED, NO_SPACE */
  async write(notes: readonly OrphanNote[]): Promise<void> {
    const path = this.#tree.orphans();
    if (notes.length === 0) return await removeFile(path);
    await ensureFolder(this.#tree.own(), 0o700);
    await writeRecordFile(path, { websites: notes });
  }

  isClockSettled(now: Date): Promise<boolean> {
    return isClockSettledHere(this.#tree, now);
  }

  /** @throws StateError WRITE_FAILED */
  async forgetNames(names: Iterable<string>, writtenBefore: Date): Promise<void> {
    for (const name of names) {
      const path = join(this.#tree.nameRecords(), recordFileName(name));
      const facts = lstatSync(path, { throwIfNoEntry: false });
      if (facts !== undefined && facts.mtime < writtenBefore) await removeFile(path);
    }
  }

  /** Names whose records lie in a folder; of a long one the record itself tells. */
  *#recorded(folder: string): Generator<string> {
    for (const file of list(folder)) {
      if (!file.endsWith(RECORD)) continue;
      const name = nameOfRecordFile(file) ?? nameWithin(join(folder, file));
      if (name !== undefined) yield* hostNames([name]);
    }
  }
}

/** `vhost` of an issued record, `name` of a name's. */
function nameWithin(path: string): string | undefined {
  try {
    const record = readRawRecord(path);
    const name = record?.['vhost'] ?? record?.['name'];
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}

/** The names among folder names (`_wildcard_.x` is `*.x`); what is none is somebody else's. */
function* hostNames(components: Iterable<string>): Generator<string> {
  for (const component of components) {
    const text = component.replace(/^_wildcard_\./, '*.');
    try {
      const name = parseHostName(text);
      if (name === text) yield name;
    } catch {
      // Not a name that we would write.
    }
  }
}

/** @throws StateError TREE_UNREADABLE */
function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw new StateError('TREE_UNREADABLE', `cannot list ${quoteForMessage(folder)}: ${reasonOf(error)}`, {
      cause: error,
      advice: 'Check the owner and mode of that folder; run as root.',
    });
  }
}
