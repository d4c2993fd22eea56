import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../../core/domain/system-fault.js';
import { readOpenFile } from './files/open-file.js';
import type { Tree } from './tree.js';

/** What was found where a documented file should lie. `why` is one printable clause without the path. */
export type FileReading =
  | { readonly state: 'read'; readonly text: string; readonly facts: Stats }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly why: string };

/** Documented files of one account or setting are a few kilobytes; a megabyte is somebody's accident. */
const MAX_SMALL_FILE_BYTES = 1024 * 1024;

/**
 * Reads small documented files one after the other, many thousands in a run: synchronously, because a local file of a
 * kilobyte is read faster than a thread is asked to. Never blocks on a FIFO, reads regular files only, and in a
 * private tree follows no link that leads out of it. Faults are values.
 */
export class TreeReader {
  readonly #tree: Tree;
  /** Folders whose path is known to stay inside the tree: those that hold folders, hence few. */
  readonly #inside = new Set<string>();
  /** The folder looked into last. */
  #entered = '';

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  read(path: string, maxBytes = MAX_SMALL_FILE_BYTES): FileReading {
    let descriptor: number | undefined;
    try {
      // Most files asked for are not there; an error made for each costs more than looking first.
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { state: 'absent' };
      descriptor = this.#open(path);
      const facts = fstatSync(descriptor);
      if (!facts.isFile()) return { state: 'unreadable', why: 'it is not a regular file' };
      if (facts.size > maxBytes) return { state: 'unreadable', why: `it is larger than ${maxBytes} bytes` };
      return { state: 'read', text: readOpenFile(descriptor, facts.size), facts };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOTDIR') return { state: 'absent' };
      if (code !== 'ENOENT') return { state: 'unreadable', why: reasonOf(error) };
      // Removed since we looked, or a link whose target is not there.
      return isLink(path) ? { state: 'unreadable', why: 'it is a link to nothing' } : { state: 'absent' };
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** What lies at the path, a link followed if it may be; undefined when nothing does. @throws as the file system does */
  facts(path: string): Stats | undefined {
    try {
      if (this.#tree.isPrivate) this.#assertFolderInside(dirname(path));
      const facts = lstatSync(path, { throwIfNoEntry: false });
      if (facts === undefined || !facts.isSymbolicLink()) return facts;
      this.#tree.assertInside(path);
      return statSync(path);
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  }

  /** Names in a folder, sorted. @throws as the file system does; ConfigurationError UNSAFE_FILE */
  list(folder: string): readonly string[] {
    if (this.#tree.isPrivate) this.#tree.assertInside(folder);
    return readdirSync(folder).sort();
  }

  #open(path: string): number {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    if (!this.#tree.isPrivate) return openSync(path, flags);
    this.#assertFolderInside(dirname(path));
    try {
      return openSync(path, flags | constants.O_NOFOLLOW);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw error;
      this.#tree.assertInside(path);
      return openSync(path, flags);
    }
  }

  /** Asks once about the folders that hold all accounts, and about an account's own folder each time it is entered. */
  #assertFolderInside(folder: string): void {
    if (folder === this.#entered) return;
    const parent = dirname(folder);
    if (!this.#inside.has(parent)) {
      this.#tree.assertInside(parent);
      this.#inside.add(parent);
    }
    if (isLink(folder)) this.#tree.assertInside(folder);
    this.#entered = folder;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function isAbsence(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
