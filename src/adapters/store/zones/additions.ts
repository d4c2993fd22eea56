import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import type { ZoneAddition, ZoneAdditions } from '../../../runs/ports/zones.js';
import { ensureFolder, isErrno, removeFile } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import type { RecordFields } from '../records/record-fields.js';
import { readRecordFile, writeRecordFile } from '../records/record-file.js';
import { recordComponent } from '../records/record-name.js';

const STATES = ['begun', 'added', 'undone'] as const;
/** Of the digest of a value: tells two records of one name apart. */
const DIGEST_LETTERS = 8;
const RECORD = '.json';

/** Records that we added to zones: `undo/<name>_<digest>.json`. */
export class FileZoneAdditions implements ZoneAdditions {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** @throws StateError CORRUPT_RECORD, UsageError BAD_NAME */
  async read(name: string, type: 'CAA', value: string): Promise<ZoneAddition | undefined> {
    return readRecordFile(this.#path(idOf({ name, type, value })), additionOf);
  }

  /** @throws StateError CORRUPT_RECORD, TREE_UNREADABLE */
  async list(): Promise<readonly ZoneAddition[]> {
    const additions = listRecords(this.#tree.undo()).flatMap(
      (file) => readRecordFile(join(this.#tree.undo(), file), additionOf) ?? [],
    );
    return additions.sort((a, b) =>
      a.name === b.name ? a.at.localeCompare(b.at) : a.name < b.name ? -1 : 1,
    );
  }

  async write(addition: Omit<ZoneAddition, 'id'>): Promise<ZoneAddition> {
    const id = idOf(addition);
    this.#tree.assertInside(this.#tree.undo());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.undo(), 0o700);
    await writeRecordFile(this.#path(id), { id, ...addition });
    return { id, ...addition };
  }

  async forget(addition: ZoneAddition): Promise<void> {
    await removeFile(this.#path(idOf(addition)));
  }

  #path(id: string): string {
    return join(this.#tree.undo(), `${id}${RECORD}`);
  }
}

/** @throws UsageError BAD_NAME: only what a parser accepts can reach a path */
function idOf({ name, type, value }: Pick<ZoneAddition, 'name' | 'type' | 'value'>): string {
  const digest = createHash('sha256').update(`${name}\n${type}\n${value}`).digest('hex');
  return `${recordComponent(name)}_${digest.slice(0, DIGEST_LETTERS)}`;
}

function additionOf(fields: RecordFields): ZoneAddition {
  const facts = {
    name: fields.text('name'),
    type: fields.oneOf('type', ['CAA'] as const),
    value: fields.text('value'),
  };
  return {
    id: idOf(facts),
    ...facts,
    zone: fields.text('zone'),
    editor: fields.text('editor'),
    account: fields.text('account'),
    vhost: fields.text('vhost'),
    why: fields.text('why'),
    at: fields.instant('at'),
    state: fields.oneOf('state', STATES),
    undoneAt: fields.instantOrNull('undoneAt'),
  };
}

function listRecords(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith(RECORD));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw new StateError('TREE_UNREADABLE', `cannot list ${quoteForMessage(folder)}: ${reasonOf(error)}`, {
      cause: error,
      advice: 'Check the owner and mode of that folder; run as root.',
    });
  }
}
