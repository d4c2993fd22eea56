import { ConfigurationError } from '../../core/domain/autossl-error.js';
import { rewrittenJson } from '../../core/domain/json/rewritten-json.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import type { NightlyTime } from '../../core/plan/setup/setup-files.js';
import { type MadeThing, SETUP_PARTS } from '../../core/plan/setup/setup-steps.js';
import { ensureBaseFolders } from '../system/files/base-folders.js';
import { ensureFolder, readTextFile, removeFile, writeFileAtomically } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

const SCHEMA_VERSION = 1;
const OWN_FOLDER_MODE = 0o700;
const JOURNAL_MODE = 0o600;
/** A few things of a few hundred bytes each. */
const MAX_JOURNAL_BYTES = 1024 * 1024;
const KINDS = ['file', 'link', 'folder'] as const;

interface Journal {
  readonly nightly: NightlyTime | null;
  readonly made: readonly MadeThing[];
}

/** `setup.json`: what a set-up made, so that it can be taken away again. Keys that we do not know survive. */
export class SetupJournalFile {
  readonly #tree: Tree;
  /** As it was read, for what we do not know of it. */
  #source = '{}';

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** @throws ConfigurationError BAD_SETTING for a file that is not such a journal, or a newer version's */
  async read(): Promise<Journal> {
    const path = this.#tree.setupJournal();
    this.#tree.assertInside(path);
    const text = await readTextFile(path, MAX_JOURNAL_BYTES);
    if (text === undefined) return { nightly: null, made: [] };
    const fields = asObject(parsed(text), path);
    if (fields['schemaVersion'] !== SCHEMA_VERSION) refuse(path, 'it is of another version of this program');
    this.#source = text;
    const { nightly, made } = fields;
    return {
      nightly: nightly === null || nightly === undefined ? null : asNightly(nightly, path),
      made: asList(made ?? [], path).map((thing) => asMade(thing, path)),
    };
  }

  /** Durable; a journal of nothing is no file. @throws StateError WRITE_FAILED, NO_SPACE */
  async write({ nightly, made }: Journal): Promise<void> {
    const path = this.#tree.setupJournal();
    if (nightly === null && made.length === 0) {
      await removeFile(path);
      return;
    }
    await ensureBaseFolders(this.#tree);
    await ensureFolder(this.#tree.own(), OWN_FOLDER_MODE);
    const known = asObject(parsed(this.#source), path);
    const journal = { ...known, schemaVersion: SCHEMA_VERSION, nightly, made };
    const text =
      this.#source === '{}'
        ? JSON.stringify(journal, null, 1)
        : rewrittenJson(this.#source, journal).trimEnd();
    await writeFileAtomically(path, `${text}\n`, {
      mode: JOURNAL_MODE,
      uid: 0,
      gid: 0,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asNightly(value: unknown, path: string): NightlyTime {
  const { hour, minute } = asObject(value, path);
  const isWithin = (number: unknown, end: number): number is number =>
    Number.isInteger(number) && (number as number) >= 0 && (number as number) < end;
  return isWithin(hour, 24) && isWithin(minute, 60)
    ? { hour, minute }
    : refuse(path, 'nightly is no time of day');
}

function asMade(value: unknown, path: string): MadeThing {
  const fields = asObject(value, path);
  const part = SETUP_PARTS.find((one) => one === fields['part']);
  const kind = KINDS.find((one) => one === fields['kind']);
  const marks = asList(fields['marks'], path).filter((mark) => typeof mark === 'string');
  const madePath = fields['path'];
  if (part === undefined || kind === undefined) return refuse(path, 'it has a thing of an unknown kind');
  if (typeof madePath !== 'string' || !madePath.startsWith('/'))
    return refuse(path, 'it has a relative path');
  return { part, path: madePath, kind, marks };
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(path, 'it is not what setup writes');
  }
  return value as Record<string, unknown>;
}

function asList(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(path, 'it is not what setup writes');
}

function refuse(path: string, why: string): never {
  throw new ConfigurationError('BAD_SETTING', `${quoteForMessage(path)} cannot be used: ${why}`, {
    advice: 'Restore it, or move it away: then what was set up before counts as somebody else’s.',
  });
}
