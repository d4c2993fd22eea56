import type { AccountName } from '../../core/domain/account/account-name.js';
import type { UserFiles } from '../../runs/ports/accounts.js';
import { FileLockKeeper } from '../system/locks/locks.js';
import type { Tree } from '../system/tree.js';
import { parseKeyValueLines } from './userdata/key-value-file.js';
import { isLeftover } from './users-file.js';
import { DocumentedFiles, readDocumentedFile } from './writer/account-writer-files.js';
import { withValues } from './writer/account-writer-lines.js';

/** Every writer of accounts' documented files holds it. */
const LOCK = 'accounts:files';

/** `/var/cpanel/users/USER` (behaviour section 13). */
export class FileUserFiles implements UserFiles {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async read(account: AccountName): Promise<ReadonlyMap<string, string> | undefined> {
    if (isLeftover(account)) return undefined;
    const file = readDocumentedFile(this.#tree, this.#tree.userFile(account));
    return file === undefined ? undefined : parseKeyValueLines(file.text);
  }

  async change(account: AccountName, values: ReadonlyMap<string, string | null>): Promise<boolean> {
    const lock = await new FileLockKeeper(this.#tree).acquire(LOCK, `changing the file of ${account}`);
    try {
      const files = new DocumentedFiles(this.#tree, lock);
      await files.editPresent(this.#tree.userFile(account), (text) => withValues(text, values));
      return files.changed.length > 0;
    } finally {
      await lock.release();
    }
  }
}
