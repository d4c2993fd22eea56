import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { ensureFolder, placeFileIfAbsent, readTextFile, writeFileAtomically } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
export const KEY_FILE = 'key.pem';
export const ACCOUNT_FILE = 'account.json';
/** Generous for a key and a small JSON object. */
const MOST_BYTES = 64 * 1024;

/** `accounts/<provider>/account.json` (format fixed). Instants are ISO 8601 UTC. */
export interface AccountFile {
  readonly schemaVersion: 1;
  readonly directoryUrl: string;
  /** The account's URL at the CA. */
  readonly url: string;
  /** RFC 7638 thumbprint of the key beside it. */
  readonly keyThumbprint: string;
  /** The terms that were agreed to; null when the CA had none. */
  readonly termsAcceptedUrl: string | null;
  readonly contact: readonly string[];
  /** Key id of the external account, null without. */
  readonly eabKid: string | null;
  readonly createdAt: string;
}

/** Where an ACME account's key and record are kept. Writes are durable before they resolve. */
export interface AccountFiles {
  /** For messages. */
  readonly keyPath: string;
  /** PKCS#8 PEM; undefined when there is none. @throws ConfigurationError SECRET_EXPOSED; StateError TREE_UNREADABLE, CORRUPT_RECORD */
  readKey(): Promise<string | undefined>;
  /** Keeps the key unless another process was first; gives the key that counts. */
  keepKey(pem: string): Promise<string>;
  /** Undefined when absent or damaged (the key finds the account again). */
  readAccount(): Promise<AccountFile | undefined>;
  writeAccount(account: AccountFile): Promise<void>;
}

/** The files of our account in force. @param provider a name from the registry (it becomes a folder) */
export function createAccountFiles(tree: Tree, provider: string): AccountFiles {
  return accountFilesIn(tree, accountFolder(tree, provider));
}

/** `accounts/<provider>`. @throws ConfigurationError UNKNOWN_PROVIDER for what is no provider's name */
export function accountFolder(tree: Tree, provider: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(provider)) {
    throw new ConfigurationError('UNKNOWN_PROVIDER', `${quoteForMessage(provider)} is not a provider's name`);
  }
  return tree.accounts(provider);
}

/** An account's files in a folder of ours. */
export function accountFilesIn(tree: Tree, folder: string): AccountFiles {
  const keyPath = join(folder, KEY_FILE);
  const accountPath = join(folder, ACCOUNT_FILE);

  const readKey = async (): Promise<string | undefined> => {
    tree.assertInside(keyPath);
    const pem = await readTextFile(keyPath, MOST_BYTES);
    if (pem === undefined) return undefined;
    if (((await lstat(keyPath)).mode & 0o077) !== 0) {
      throw new ConfigurationError(
        'SECRET_EXPOSED',
        `the ACME account key ${keyPath} can be read or written by others`,
        {
          advice: `chmod 600 ${keyPath}; if somebody may have read it, move it away: a new account is then registered.`,
        },
      );
    }
    return pem;
  };

  return {
    keyPath,
    readKey,
    async keepKey(pem) {
      tree.assertInside(keyPath);
      await ensureFolder(folder, PRIVATE_FOLDER);
      // Of two processes that make a key, one wins and both use its key.
      await placeFileIfAbsent(keyPath, pem, { mode: PRIVATE_FILE });
      return (await readKey()) ?? pem;
    },
    async readAccount() {
      tree.assertInside(accountPath);
      const text = await readTextFile(accountPath, MOST_BYTES);
      return text === undefined ? undefined : parseAccountFile(text);
    },
    async writeAccount(account) {
      tree.assertInside(accountPath);
      await ensureFolder(folder, PRIVATE_FOLDER);
      await writeFileAtomically(accountPath, `${JSON.stringify(account, undefined, 2)}\n`, {
        mode: PRIVATE_FILE,
      });
    },
  };
}

function parseAccountFile(text: string): AccountFile | undefined {
  let value: Partial<AccountFile> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const isUsable =
    typeof value === 'object' &&
    value !== null &&
    value.schemaVersion === 1 &&
    typeof value.directoryUrl === 'string' &&
    typeof value.url === 'string' &&
    typeof value.keyThumbprint === 'string';
  return isUsable ? (value as AccountFile) : undefined;
}
