import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../../../core/domain/system-fault.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import type { FileAttributes } from '../../system/files/durable-file.js';
import { isErrno, readTextFileSync } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';

/** A key and a chain of any sensible length are a few kB; beyond it a file is no certificate. */
export const MAX_COMBINED_BYTES = 1024 * 1024;
const GROUP_BITS = 0o070;

/** What was found at a certificate's path; nothing judged. */
export type FoundFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'text'; readonly text: string };

/** What lies there as the set of a website (or of a service). Never throws. */
export type ReadSet = (website: WebsiteRef) => FoundFile;

/**
 * Reads a `combined` file as the web server would, following links, but never out of the tree; cannot hang on a FIFO and
 * reads no more than `MAX_COMBINED_BYTES`. Never throws.
 */
export function readCombinedFile(path: string, tree: Tree): FoundFile {
  try {
    if (tree.isPrivate && isLink(dirname(path))) tree.assertInside(path);
    let text: string | undefined;
    try {
      text = readTextFileSync(path, MAX_COMBINED_BYTES, { noFollow: true });
    } catch (error) {
      if (!isErrno(error, 'ELOOP')) throw error;
      tree.assertInside(path);
      text = readTextFileSync(path, MAX_COMBINED_BYTES);
      if (text === undefined)
        return { kind: 'unreadable', why: 'it is a link to a file that does not exist' };
    }
    return text === undefined ? { kind: 'absent' } : { kind: 'text', text };
  } catch (error) {
    return { kind: 'unreadable', why: reasonOf(error) };
  }
}

/**
 * Whether a regular file with exactly these contents, this mode and our owner lies there: then nothing is to be written. Its
 * group counts where it may do anything with it, and we could give it another.
 */
export function isFileAsWanted(path: string, contents: string, { mode, gid }: FileAttributes): boolean {
  try {
    const facts = lstatSync(path);
    if (!facts.isFile() || (facts.mode & 0o7777) !== mode || facts.uid !== process.getuid?.()) return false;
    if ((mode & GROUP_BITS) !== 0 && process.getuid?.() === 0 && facts.gid !== (gid ?? 0)) return false;
    return readTextFileSync(path, MAX_COMBINED_BYTES, { noFollow: true }) === contents;
  } catch {
    return false;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
