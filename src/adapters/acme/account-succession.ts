import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StateError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import {
  asWriteError,
  ensureFolder,
  isThere,
  syncFolder,
  writeFileAtomically,
} from '../system/files/files.js';
import { movePath, removeTree } from '../system/files/moved-paths.js';
import type { Tree } from '../system/tree.js';
import { ACCOUNT_FILE, type AccountFiles, accountFilesIn, accountFolder, KEY_FILE } from './account-files.js';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

/** An account that is being registered beside the one in force: `accounts/<provider>/next/`. */
export interface AccountSuccession {
  readonly files: AccountFiles;
  /**
   * Puts the registered account in force. The former one is archived first (`archive/<instant>/`, 0600), then the key takes
   * its place by one rename; a crash between that and the record's leaves a key by which the CA finds the account again.
   * @throws StateError CORRUPT_RECORD when none was registered
   */
  takeOver(now: Date): Promise<void>;
}

/** @throws ConfigurationError UNKNOWN_PROVIDER for what is no provider's name */
export function openSuccession(tree: Tree, provider: string): AccountSuccession {
  const folder = accountFolder(tree, provider);
  const next = join(folder, 'next');
  const present = accountFilesIn(tree, folder);
  return {
    files: accountFilesIn(tree, next),
    async takeOver(now) {
      if (!(await isThere(join(next, KEY_FILE)))) {
        throw new StateError('CORRUPT_RECORD', `${quoteForMessage(next)} holds no key of a new account`);
      }
      const former = await present.readKey();
      if (former !== undefined) await archive(tree, folder, former, now);
      await movePath(join(next, KEY_FILE), join(folder, KEY_FILE));
      if (await isThere(join(next, ACCOUNT_FILE))) {
        await movePath(join(next, ACCOUNT_FILE), join(folder, ACCOUNT_FILE));
      }
      await removeTree(next);
    },
  };
}

async function archive(tree: Tree, folder: string, keyPem: string, now: Date): Promise<void> {
  const archives = join(folder, 'archive');
  const archived = join(archives, now.toISOString().replace(/:/g, '-'));
  tree.assertInside(archived);
  await ensureFolder(archives, PRIVATE_FOLDER);
  await ensureFolder(archived, PRIVATE_FOLDER);
  await writeFileAtomically(join(archived, KEY_FILE), keyPem, { mode: PRIVATE_FILE });
  if (await isThere(join(folder, ACCOUNT_FILE))) {
    const copy = join(archived, ACCOUNT_FILE);
    await copyFile(join(folder, ACCOUNT_FILE), copy).catch((error: unknown) => {
      throw asWriteError(error, copy);
    });
  }
  await syncFolder(archived);
  await syncFolder(archives);
}
