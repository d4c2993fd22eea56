import { chmodSync, chownSync, lstatSync } from 'node:fs';
import { StateError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { ensureBaseFolders } from '../system/files/base-folders.js';
import { asWriteError, ensureFolder } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

/** A folder, and who may look into it. */
export interface FolderAttributes {
  readonly mode: number;
  readonly gid: number;
}

/** Others may pass, not list. */
export const PASSABLE_FOLDER: FolderAttributes = { mode: 0o711, gid: 0 };
/** Others may list it: nothing in it is secret. */
export const OPEN_FOLDER: FolderAttributes = { mode: 0o755, gid: 0 };
export const PRIVATE_FOLDER: FolderAttributes = { mode: 0o700, gid: 0 };
const PASS_BITS = 0o011;

/** Whether it is a folder of ours with exactly these attributes. */
export function isFolderSo(path: string, { mode, gid }: FolderAttributes): boolean {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined || !facts.isDirectory() || facts.uid !== process.getuid?.()) return false;
  return (facts.mode & 0o7777) === mode && (process.getuid?.() !== 0 || facts.gid === gid);
}

/**
 * Makes the folder below `/var/cpanel/ssl/sni`, with these attributes also where it was there before; whoever may look into
 * it can reach it. @throws StateError WRITE_FAILED, ConfigurationError UNSAFE_FILE
 */
export async function makeFolder(tree: Tree, path: string, attributes: FolderAttributes): Promise<void> {
  await ensureBaseFolders(tree);
  tree.assertInside(path);
  if (attributes.mode !== PRIVATE_FOLDER.mode) letPass([tree.base(), tree.tlsBase()]);
  await ensureFolder(tree.sni(), PASSABLE_FOLDER.mode);
  await ensureFolder(path, attributes.mode);
  if (isFolderSo(path, attributes)) return;
  if (lstatSync(path).isSymbolicLink())
    throw new StateError('WRITE_FAILED', `${quoteForMessage(path)} is a link and no folder of ours`);
  try {
    if (process.getuid?.() === 0) chownSync(path, 0, attributes.gid);
    chmodSync(path, attributes.mode);
  } catch (error) {
    throw asWriteError(error, path);
  }
}

function letPass(paths: readonly string[]): void {
  for (const path of paths) {
    const { mode } = lstatSync(path);
    if ((mode & PASS_BITS) !== PASS_BITS) chmodSync(path, (mode & 0o7777) | PASS_BITS);
  }
}
