import { chown, rmdir } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import type { WebsitePlacement, WebsiteRemoval } from '../../../core/domain/website/website-placement.js';
import type { HeldLock } from '../../../runs/ports/locks.js';
import { ensureBaseFolders } from '../../system/files/base-folders.js';
import type { FileAttributes } from '../../system/files/durable-file.js';
import { ensureFolder, isErrno, isThere } from '../../system/files/files.js';
import { sweepFolder } from '../../system/files/temporary-files.js';
import { readGroupId } from '../../system/passwd.js';
import type { Tree } from '../../system/tree.js';
import { DocumentedFiles, readDocumentedFile } from './account-writer-files.js';
import { type AccountFilesReading, readAccountFiles, websiteFile } from './account-writer-layout.js';
import {
  newUserFile,
  withDomains,
  withoutDomains,
  withoutPairs,
  withoutWebsiteRows,
  withPairs,
  withWebsiteRows,
} from './account-writer-lines.js';
import { loadUserdataEditor } from './account-writer-yaml.js';

/** Folders that hold names of customers, and an account's own. */
const USERS_MODE = 0o711;
const USERDATA_MODE = 0o750;
/** Root writes, the account's own group reads. */
const ACCOUNT_FILE_MODE = 0o640;
/** Files that a panel keeps beside a website's own. */
const SIBLINGS = ['_SSL', '.cache', '_SSL.cache'] as const;

/** What a placement needs beside itself. */
export interface AccountFacts {
  readonly homeDirectory: string | null;
  readonly startedAt: Date;
}

/**
 * Writes the documented files of accounts (behaviour section 13): users file and userdata always, the server-wide lists
 * where the server has them. A reader that comes in between sees the account before or after; what a crash leaves half
 * written is finished by the same command again. Every writer of these files holds the lock `accounts:files`.
 */
export class AccountWriter {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** @throws StateError CORRUPT_RECORD, TREE_UNREADABLE */
  read(account: AccountName): Promise<AccountFilesReading> {
    return readAccountFiles(this.#tree, account);
  }

  async hasWebsiteFile(account: AccountName, vhost: string): Promise<boolean> {
    const path = websiteFile(this.#tree, account, vhost);
    return path !== undefined && isThere(path);
  }

  /** Gives the paths that were changed. @throws StateError, ConfigurationError UNSAFE_FILE */
  async place(
    account: AccountName,
    placement: WebsitePlacement,
    mainDomain: string,
    facts: AccountFacts,
    lock: HeldLock,
  ): Promise<readonly string[]> {
    const tree = this.#tree;
    const editor = await loadUserdataEditor();
    const files = new DocumentedFiles(tree, lock);
    const attributes = await this.#attributesFor(account);
    await this.#prepareFolders(account, attributes);
    this.#sweep(account);
    const { user } = await this.read(account);
    const owner = user?.owner ?? 'root';
    const ip = this.#mainIp();
    const names = [placement.vhost, ...placement.parked, ...placement.plainAliases];
    const website = websiteFile(tree, account, placement.vhost) ?? '';

    await files.edit(website, attributes, (text) =>
      editor.placeInVhost(placement.isNew ? null : text, placement, {
        account,
        owner,
        homeDirectory: facts.homeDirectory,
        ip,
      }),
    );
    if (!placement.isNew) {
      await files.editPresent(`${website}_SSL`, (text) => editor.placeInVhost(text, placement, NOTHING_NEW));
    }
    await files.edit(`${tree.userdata(account)}/main`, attributes, (text) =>
      editor.addToMain(placement.isFirst ? null : text, placement),
    );
    if (user !== null) await files.editPresent(tree.userFile(account), (text) => withDomains(text, names));
    await files.editPresent(tree.userDomains(), (text) => withPairs(text, names, account));
    if (placement.isFirst) {
      await files.editPresent(tree.trueUserDomains(), (text) => withPairs(text, [mainDomain], account));
      await files.editPresent(tree.domainUsers(), (text) => withPairs(text, [account], mainDomain));
      await files.editPresent(tree.trueUserOwners(), (text) => withPairs(text, [account], owner));
    }
    await files.editPresent(tree.userdataDomains(), (text) =>
      withWebsiteRows(text, placement, { account, owner, mainDomain, ip }),
    );
    // Last: without its users file nobody sees the account.
    if (user === null) {
      await files.edit(tree.userFile(account), attributes, () =>
        withDomains(newUserFile(mainDomain, { account, ip, startedAt: facts.startedAt }), names),
      );
    }
    return files.changed;
  }

  /** Gives the paths that were changed or removed. @throws StateError, ConfigurationError UNSAFE_FILE */
  async remove(account: AccountName, removal: WebsiteRemoval, lock: HeldLock): Promise<readonly string[]> {
    const tree = this.#tree;
    const editor = await loadUserdataEditor();
    const files = new DocumentedFiles(tree, lock);
    const isAccount = removal.extent === 'account';
    this.#sweep(account);
    const { layout } = await this.read(account);
    await files.editPresent(tree.userdataDomains(), (text) => withoutWebsiteRows(text, account, removal));
    await files.editPresent(tree.userDomains(), (text) =>
      withoutPairs(text, (name, user) => user === account && (isAccount || removal.names.has(name))),
    );
    if (isAccount) {
      await files.editPresent(tree.trueUserDomains(), (text) =>
        withoutPairs(text, (_, user) => user === account),
      );
      for (const path of [tree.domainUsers(), tree.trueUserOwners()]) {
        await files.editPresent(path, (text) => withoutPairs(text, (user) => user === account));
      }
    } else {
      await files.editPresent(tree.userFile(account), (text) => withoutDomains(text, removal.names));
    }
    const main = `${tree.userdata(account)}/main`;
    if (isAccount) await files.remove(main);
    else await files.editPresent(main, (text) => editor.removeFromMain(text, removal));
    if (removal.extent === 'aliases') {
      const website = websiteFile(tree, account, removal.vhost) ?? '';
      for (const path of [website, `${website}_SSL`]) {
        await files.editPresent(path, (text) => editor.setAliases(text, removal.keptAliases));
      }
      return files.changed;
    }
    const gone = isAccount ? [removal.vhost, ...(layout?.websites.keys() ?? [])] : [removal.vhost];
    for (const vhost of new Set(gone)) {
      const website = websiteFile(tree, account, vhost);
      if (website === undefined) continue;
      // The website's own file goes last: by it an interrupted removal is known.
      for (const path of [...SIBLINGS.map((suffix) => website + suffix), website]) await files.remove(path);
    }
    if (!isAccount) return files.changed;
    for (const cache of ['cache', 'cache.json', 'main.cache']) {
      await files.remove(`${tree.userdata(account)}/${cache}`);
    }
    await removeIfEmpty(tree.userdata(account));
    await files.remove(tree.userFile(account));
    return files.changed;
  }

  async #prepareFolders(account: AccountName, attributes: FileAttributes): Promise<void> {
    const tree = this.#tree;
    const folder = tree.userdata(account);
    for (const path of [tree.users(), folder]) tree.assertInside(path);
    await ensureBaseFolders(tree);
    await ensureFolder(tree.users(), USERS_MODE);
    if (await isThere(folder)) return;
    await ensureFolder(dirname(folder), USERS_MODE);
    await ensureFolder(folder, USERDATA_MODE);
    if (process.getuid?.() === 0) await chown(folder, 0, attributes.gid ?? 0);
  }

  /** root:USER 0640 where the server has that group, else root's own. */
  async #attributesFor(account: AccountName): Promise<FileAttributes> {
    const gid = await readGroupId(this.#tree, account);
    return { mode: ACCOUNT_FILE_MODE, uid: 0, gid: gid ?? 0 };
  }

  /** The server's address, where its file has one. */
  #mainIp(): string | null {
    const address = readDocumentedFile(this.#tree, this.#tree.mainIp())?.text.trim() ?? '';
    return isIP(address) === 0 ? null : address;
  }

  /** What killed commands left. */
  #sweep(account: AccountName): void {
    const tree = this.#tree;
    for (const folder of [tree.users(), tree.userdata(account), dirname(tree.userDomains())])
      sweepFolder(folder);
  }
}

const NOTHING_NEW = { account: '', owner: '', homeDirectory: null, ip: null } as const;

async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].some((code) => isErrno(error, code))) throw error;
  });
}
