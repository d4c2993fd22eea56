import { lstatSync } from 'node:fs';
import { ConfigurationError, StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { HeldLock } from '../../../runs/ports/locks.js';
import type { FileAttributes } from '../../system/files/durable-file.js';
import { removeFile, writeFileAtomically } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { TreeReader } from '../../system/tree-reader.js';

/** Stands where bytes could not be read as UTF-8. */
const NOT_TEXT = '\uFFFD';
/** As the reader of server-wide files has it: 300,000 domains of 200 bytes. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Documented files, each replaced whole with its own mode and owner kept, under a lock. What somebody else changed since it
 * was read, and a link in a file's place, is never overwritten. Remembers what it changed.
 */
export class DocumentedFiles {
  readonly #tree: Tree;
  readonly #lock: HeldLock;
  readonly #changed: string[] = [];

  constructor(tree: Tree, lock: HeldLock) {
    this.#tree = tree;
    this.#lock = lock;
  }

  /** Paths written or removed so far. */
  get changed(): readonly string[] {
    return this.#changed;
  }

  /** The file's text; undefined when there is none. @throws StateError TREE_UNREADABLE */
  read(path: string): string | undefined {
    return readDocumentedFile(this.#tree, path)?.text;
  }

  /**
   * Gives the file the text that `edit` makes of the present one; null from `edit` leaves it. One that is not there is made
   * with these attributes. @throws StateError WRITE_FAILED, NO_SPACE, LOCK_LOST; ConfigurationError UNSAFE_FILE
   */
  async edit(
    path: string,
    attributes: FileAttributes,
    edit: (text: string | null) => string | null,
  ): Promise<void> {
    const before = readDocumentedFile(this.#tree, path);
    if (before?.text.includes(NOT_TEXT) === true) {
      throw new ConfigurationError(
        'UNSAFE_FILE',
        `${quoteForMessage(path)} holds bytes that are no UTF-8: it is not rewritten, lest they are lost`,
        { advice: 'Convert the file to UTF-8 and run the command again.' },
      );
    }
    const text = edit(before?.text ?? null);
    if (text === null || text === before?.text) return;
    this.#tree.assertInside(path);
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      throw new ConfigurationError('UNSAFE_FILE', `${quoteForMessage(path)} is a link: it is not replaced`, {
        advice: 'Put the file itself there and run the command again.',
      });
    }
    await writeFileAtomically(path, text, before?.attributes ?? attributes, async () => {
      await this.#lock.assertHeld();
      if (readDocumentedFile(this.#tree, path)?.text === before?.text) return;
      throw new StateError(
        'WRITE_FAILED',
        `${quoteForMessage(path)} was changed by somebody else meanwhile`,
        {
          advice: 'Run the command again.',
        },
      );
    });
    this.#changed.push(path);
  }

  /** As `edit`, for a file that is left alone when it is not there. */
  async editPresent(path: string, edit: (text: string) => string): Promise<void> {
    await this.edit(path, { mode: 0o600 }, (text) => (text === null ? null : edit(text)));
  }

  /** One that is not there is no fault. @throws StateError WRITE_FAILED, LOCK_LOST */
  async remove(path: string): Promise<void> {
    this.#tree.assertInside(path);
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    await this.#lock.assertHeld();
    await removeFile(path);
    this.#changed.push(path);
  }
}

/** @throws StateError TREE_UNREADABLE */
export function readDocumentedFile(
  tree: Tree,
  path: string,
): { readonly text: string; readonly attributes: FileAttributes } | undefined {
  const reading = new TreeReader(tree).read(path, MAX_FILE_BYTES);
  if (reading.state === 'absent') return undefined;
  if (reading.state === 'unreadable') {
    throw new StateError('TREE_UNREADABLE', `${quoteForMessage(path)} cannot be read: ${reading.why}`);
  }
  const { mode, uid, gid } = reading.facts;
  return { text: reading.text, attributes: { mode: mode & 0o7777, uid, gid } };
}
