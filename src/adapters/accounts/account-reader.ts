import { join } from 'node:path';
import { type AccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { type AccountData, websitesOf } from '../../core/domain/account/account-websites.js';
import type { NameOwnership } from '../../core/domain/account/name-ownership.js';
import { chooseKeyType, unknownKeyType } from '../../core/domain/key-type.js';
import {
  parseDomainName,
  printable,
  quoteForMessage,
  type WantedName,
} from '../../core/domain/name/names.js';
import { serviceLabels } from '../../core/domain/service/service-names.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { AccountFault, AccountInventory, AccountSkip } from '../../core/domain/website/website.js';
import type { Tree } from '../system/tree.js';
import type { TreeReader } from '../system/tree-reader.js';
import { readAccountData } from './account-data.js';
import type { FeatureLists } from './feature-lists.js';
import type { ServerFacts } from './server-facts.js';
import { isCopyOfAnother, isOfAnother, parseUserFile, type UserFile } from './users-file.js';

/** What one pass over the accounts works with. */
export interface Pass {
  readonly tree: Tree;
  readonly reader: TreeReader;
  readonly server: ServerFacts;
  readonly features: FeatureLists;
  readonly ownership: NameOwnership;
  readonly exclusionsOf: (account: AccountName) => ReadonlySet<WantedName>;
  /** Nobody is skipped. */
  readonly includesSkipped: boolean;
}

type Ready = Extract<AccountInventory, { state: 'ready' }>;

/** Ends the reading of one account; becomes its `broken` line. */
class BrokenAccount extends Error {
  readonly fault: AccountFault;
  constructor(code: AccountFault['code'], path: string, why: string) {
    super(why);
    this.fault = { code, path, vhost: null, message: `${printable(path)}: ${printable(why)}` };
  }
}

/**
 * One account by its file in the users folder: broken, skipped, or ready with its websites. Undefined when there is no
 * such file, or it is a copy of another account's. Whatever is wrong with the account's files is a value.
 */
export async function readAccount(pass: Pass, fileName: string): Promise<AccountInventory | undefined> {
  const path = join(pass.tree.users(), fileName);
  try {
    return await readKnownAccount(pass, path, parseAccountName(fileName));
  } catch (error) {
    const { fault } = error instanceof BrokenAccount ? error : brokenBy(error, path);
    return { state: 'broken', account: printable(fileName), fault };
  }
}

async function readKnownAccount(
  pass: Pass,
  path: string,
  account: AccountName,
): Promise<AccountInventory | undefined> {
  const reading = pass.reader.read(path);
  if (reading.state === 'absent') return undefined;
  if (reading.state === 'unreadable') throw new BrokenAccount('ACCOUNT_FILE_UNREADABLE', path, reading.why);
  const user = parseUserFile(reading.text);
  if (isCopyOfAnother(account, user)) return undefined;
  if (isOfAnother(account, user)) {
    const said = `it says USER=${quoteForMessage(user.user ?? '')}`;
    throw new BrokenAccount('ACCOUNT_FILE_INVALID', path, said);
  }
  if (user.mainDomain === undefined) {
    throw new BrokenAccount('ACCOUNT_FILE_INVALID', path, 'it has no line DNS=');
  }
  claimDomains(pass.ownership, user, account);
  const reason = pass.includesSkipped ? null : skipOf(pass, account, user);
  if (reason !== null) return { state: 'skipped', account, reason, domains: user.domains };
  const excluded = exclusionsOf(pass, account);
  const found = await readAccountData(pass.tree, pass.reader, pass.server, account);
  if (found.state === 'broken') {
    return { state: 'broken', account, fault: found.fault, domains: user.domains };
  }
  return ready(pass, account, path, user, found.data, excluded);
}

/** Why AutoSSL does not work for the account; null: it does. */
function skipOf(pass: Pass, account: AccountName, user: UserFile): AccountSkip | null {
  if (user.isSuspended || pass.reader.facts(pass.tree.suspended(account)) !== undefined) return 'suspended';
  const feature = pass.features.hasAutossl(user);
  if (typeof feature === 'object') {
    throw new BrokenAccount('ACCOUNT_FILE_UNREADABLE', feature.path, feature.why);
  }
  return feature ? null : 'no-autossl-feature';
}

function ready(
  pass: Pass,
  account: AccountName,
  path: string,
  user: UserFile,
  data: AccountData,
  excluded: ReadonlySet<WantedName>,
): Ready {
  const primaryDomain = parseDomainName(data.mainDomain);
  const isReseller = user.owner === account || pass.server.resellers.has(account);
  const { keyType, unknown } = chooseKeyType(user.keyType, pass.server.keyType);
  const { websites, faults } = websitesOf(data, {
    account,
    primaryDomain,
    keyType,
    serviceLabels: serviceLabels(pass.server.serviceNames, isReseller),
    excluded,
    ownership: pass.ownership,
  });
  const keyTypeFaults =
    unknown === null
      ? []
      : [
          new BrokenAccount(
            'ACCOUNT_FILE_INVALID',
            path,
            unknownKeyType('SSL_DEFAULT_KEY_TYPE', unknown, keyType),
          ).fault,
        ];
  return {
    state: 'ready',
    account: {
      name: account,
      primaryDomain,
      owner: printable(user.owner),
      isReseller,
      homeDirectory: data.homeDirectory,
      contactEmail: user.contactEmail,
    },
    websites,
    faults: [...keyTypeFaults, ...faults],
  };
}

/** Domains of the users file that no list has are the account's own, also while it is suspended. */
function claimDomains(ownership: NameOwnership, user: UserFile, account: AccountName): void {
  for (const domain of user.domains) {
    if (ownership.ownerOf(domain) !== undefined) continue;
    try {
      ownership.claim(parseDomainName(domain), account);
    } catch {
      // A text that is no name can be nobody's; the website data, which also has it, reports it.
    }
  }
}

function exclusionsOf(pass: Pass, account: AccountName): ReadonlySet<WantedName> {
  try {
    return pass.exclusionsOf(account);
  } catch (error) {
    throw brokenBy(error, pass.tree.exclusionsOf(account));
  }
}

function brokenBy(error: unknown, path: string): BrokenAccount {
  return new BrokenAccount('ACCOUNT_FILE_INVALID', path, reasonOf(error));
}
