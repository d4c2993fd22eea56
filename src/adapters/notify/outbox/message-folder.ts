import {
  closeSync,
  constants,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import type { QueuedMessage } from '../../../core/notice/delivery/delivery.js';
import { writeDurably } from '../../system/files/durable-file.js';
import {
  asWriteError,
  ensureFolder,
  isErrno,
  isTemporaryName,
  readTextFile,
  removeFile,
  temporaryPathIn,
  writeFileAtomically,
} from '../../system/files/files.js';
import { isMessageId, MAX_MESSAGE_BYTES, parseQueued, queuedText } from './queued-record.js';

const SUFFIX = '.json';
/** What a file that holds no message is called afterwards; no id has a dot. */
const DAMAGED_SUFFIX = '.damaged';
const ATTRIBUTES = { mode: 0o600, uid: 0, gid: 0 };
const MS_PER_SECOND = 1000;
/** Beside the message: how far it got. */
const STATE_BYTES = 16 * 1024;
/** Before all that comes from outside stand versions, the id and the audience; a quote in a text is never a bare one. */
const HEAD_BYTES = 320;
const ADMINISTRATOR = '"audience":"administrator"';
/** A newer version's message is left to that version, and not met at every turn. */
const NEWER_PAUSE_MS = 3_600_000;

/** A message's file, by what its folder tells of it. */
export interface FolderEntry {
  readonly id: string;
  readonly bytes: number;
  /** The file's own instant: when it is to be looked at, as far as the folder tells. */
  readonly at: Date;
}

/**
 * One file a message, 0600 in a folder of root's. A file's modification time is the instant at which it is to be looked at, so
 * that a look at ten thousand reads none of them; what the file says has the last word.
 */
export class MessageFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async make(): Promise<void> {
    await ensureFolder(this.#folder, 0o700);
  }

  /** Nothing where there is no folder. @throws StateError TREE_UNREADABLE */
  entries(): readonly FolderEntry[] {
    return this.#names().flatMap((name): FolderEntry | readonly [] => {
      const id = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : '';
      if (!isMessageId(id)) return [];
      const facts = lstatSync(join(this.#folder, name), { throwIfNoEntry: false });
      return facts === undefined ? [] : { id, bytes: facts.size, at: facts.mtime };
    });
  }

  /** Files that were set aside. */
  damaged(): readonly string[] {
    return this.#names()
      .filter((name) => name.endsWith(DAMAGED_SUFFIX))
      .sort();
  }

  /** By the first bytes of its file alone: of thousands that wait none is read whole. Wrong, it costs the order. */
  isForAdministrator(id: string): boolean {
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const descriptor = openSync(this.#pathOf(id), flags);
      try {
        const head = Buffer.alloc(HEAD_BYTES);
        const length = readSync(descriptor, head, 0, HEAD_BYTES, 0);
        return head.toString('utf8', 0, length).includes(ADMINISTRATOR);
      } finally {
        closeSync(descriptor);
      }
    } catch {
      return false;
    }
  }

  /** Changes nothing. */
  async look(id: string): Promise<QueuedMessage | 'none' | 'newer' | 'damaged'> {
    try {
      const text = await readTextFile(this.#pathOf(id), MAX_MESSAGE_BYTES + STATE_BYTES);
      if (text === undefined) return 'none';
      const queued = parseQueued(text);
      return queued === 'newer' || queued?.message.id === id ? queued : 'damaged';
    } catch {
      return 'damaged';
    }
  }

  /** Undefined: there is none, or a newer version's. One that holds no message is set aside. */
  async read(id: string, now: Date): Promise<QueuedMessage | undefined> {
    const path = this.#pathOf(id);
    const queued = await this.look(id);
    if (typeof queued === 'object') return queued;
    if (queued === 'newer') this.putOff(id, new Date(now.getTime() + NEWER_PAUSE_MS));
    if (queued !== 'damaged') return undefined;
    try {
      renameSync(path, `${path}${DAMAGED_SUFFIX}`);
    } catch {
      // Somebody took it away; or the folder is read-only, and it is met again.
    }
    return undefined;
  }

  /** Writes one that must not be there; whether it was not. Its name is durable after a sync of the folder. @throws StateError */
  async place(queued: QueuedMessage, lookAt: Date): Promise<boolean> {
    const path = this.#pathOf(queued.message.id);
    const temporary = temporaryPathIn(this.#folder);
    try {
      await writeDurably(temporary, queuedText(queued), ATTRIBUTES);
      setInstant(temporary, lookAt);
      linkSync(temporary, path);
      return true;
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      throw asWriteError(error, path);
    } finally {
      unlinkIfThere(temporary);
    }
  }

  /** @throws StateError WRITE_FAILED, NO_SPACE */
  async write(queued: QueuedMessage, lookAt: Date): Promise<void> {
    const path = this.#pathOf(queued.message.id);
    await writeFileAtomically(path, queuedText(queued), ATTRIBUTES);
    setInstant(path, lookAt);
  }

  /** Says in the folder alone when it is looked at. */
  putOff(id: string, lookAt: Date): void {
    setInstant(this.#pathOf(id), lookAt);
  }

  async remove(id: string): Promise<void> {
    await removeFile(this.#pathOf(id));
  }

  async removeDamaged(name: string): Promise<void> {
    if (name.endsWith(DAMAGED_SUFFIX) && !name.includes('/')) await removeFile(join(this.#folder, name));
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter((name) => !isTemporaryName(name));
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return [];
      const why = `${quoteForMessage(this.#folder)} cannot be listed: ${reasonOf(error)}`;
      throw new StateError('TREE_UNREADABLE', why, { cause: error });
    }
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}${SUFFIX}`);
  }
}

/** Lost, it is looked at too early: then the file says when. */
function setInstant(path: string, at: Date): void {
  const seconds = at.getTime() / MS_PER_SECOND;
  try {
    utimesSync(path, seconds, seconds);
  } catch {
    // As above.
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made.
  }
}
