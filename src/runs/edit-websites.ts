import type { AccountLayout } from '../core/domain/account/account-layout.js';
import type { AccountName } from '../core/domain/account/account-name.js';
import type { NameOwnership } from '../core/domain/account/name-ownership.js';
import { StateError, UsageError } from '../core/domain/autossl-error.js';
import { type DomainName, printable, quoteForMessage, type WildcardName } from '../core/domain/name/names.js';
import {
  placeWebsite,
  removeWebsite,
  type WebsitePlacement,
  type WebsiteRemoval,
  type WebsiteRequest,
} from '../core/domain/website/website-placement.js';
import { type PlaceholderHost, placePlaceholder } from './install/placeholder.js';
import type { AccountDirectory } from './ports/accounts.js';
import type { Clock } from './ports/clock.js';
import type { HeldLock, LockKeeper } from './ports/locks.js';

type HostName = DomainName | WildcardName;

/** The lock of everybody who writes account files. */
const ACCOUNT_FILES_LOCK = 'accounts:files';

/** The files of accounts, as `edit-websites` changes them. Each call names the paths that it changed. */
export interface AccountFiles {
  /** What lies of an account: its users file (null: none) and its websites' data (null: none). */
  read(account: AccountName): Promise<{
    readonly user: { readonly mainDomain: string | undefined } | null;
    readonly layout: AccountLayout | null;
  }>;
  /** Whether a website's own file lies there: without being in the layout it is what an interrupted removal left. */
  hasWebsiteFile(account: AccountName, vhost: HostName): Promise<boolean>;
  place(
    account: AccountName,
    placement: WebsitePlacement,
    mainDomain: string,
    facts: { readonly homeDirectory: string | null; readonly startedAt: Date },
    lock: HeldLock,
  ): Promise<readonly string[]>;
  remove(account: AccountName, removal: WebsiteRemoval, lock: HeldLock): Promise<readonly string[]>;
}

export interface EditWebsitesHost {
  readonly clock: Clock;
  readonly locks: LockKeeper;
  readonly files: AccountFiles;
  readonly accounts: AccountDirectory;
  namesOfOthers(account: AccountName): Promise<NameOwnership>;
  systemUser(
    account: AccountName,
  ): Promise<
    | { readonly state: 'absent' }
    | { readonly state: 'reserved' }
    | { readonly state: 'system-user'; readonly uid: number; readonly leastUid: number }
    | { readonly state: 'person'; readonly homeDirectory: string | null }
  >;
  /** Whether a folder lies at the documented path. */
  isFolder(path: string): Promise<boolean>;
  /** Where the website's certificate lies or will lie. */
  certificatePath(vhost: HostName): string;
  /** Null: whoever adds the website sees to its first pair. */
  readonly placeholders: PlaceholderHost | null;
}

/** What became of a website, as `--json` prints it. */
export interface WebsiteEdit {
  readonly schemaVersion: 1;
  readonly account: string;
  readonly website: string;
  readonly outcome: 'added' | 'changed' | 'unchanged' | 'removed' | 'account-removed' | 'aliases-removed';
  readonly kind: WebsitePlacement['kind'] | null;
  /** What its certificate will cover, as the next run will read it; empty when it has none or the account is left out. */
  readonly names: readonly string[];
  readonly certificate: string | null;
  /** Whether a self-signed placeholder was put where its certificate will lie. */
  readonly hasNewPlaceholder: boolean;
  /** Files that were written or removed. */
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Adds a website to an account, or gives a present one its document root and further aliases, and a placeholder where
 * nothing lies: a web server may name the file from now on. Safe to repeat.
 * @throws UsageError UNKNOWN_USER, BAD_ARGUMENT, BAD_NAME; StateError for account files that cannot be used or written
 */
export async function addWebsite(
  account: AccountName,
  request: WebsiteRequest,
  host: EditWebsitesHost,
): Promise<WebsiteEdit> {
  const homeDirectory = await homeOf(account, host);
  const warnings: string[] = [];
  if (!(await host.isFolder(request.documentRoot))) {
    warnings.push(`The document root ${printable(request.documentRoot)} does not exist yet.`);
  }
  const lock = await host.locks.acquire(ACCOUNT_FILES_LOCK, 'autossl website add');
  let placement: WebsitePlacement;
  let files: readonly string[];
  try {
    const layout = await layoutForAdding(account, request.vhost, host);
    placement = placeWebsite(request, layout);
    await assertNobodyElses([request.vhost, ...request.aliases], account, host);
    const mainDomain = layout?.mainDomain ?? request.vhost;
    const facts = { homeDirectory, startedAt: host.clock.now() };
    files = await host.files.place(account, placement, mainDomain, facts, lock);
  } finally {
    await lock.release();
  }
  const seen = await readBack(account, request.vhost, host);
  const ref = { account, vhost: request.vhost };
  const hasNewPlaceholder =
    host.placeholders !== null &&
    (await placePlaceholder(ref, [request.vhost, ...request.aliases], host.placeholders));
  return {
    schemaVersion: 1,
    account,
    website: request.vhost,
    hasNewPlaceholder,
    outcome: placement.isNew ? 'added' : files.length > 0 ? 'changed' : 'unchanged',
    kind: placement.kind,
    names: seen.names,
    certificate: host.certificatePath(request.vhost),
    files,
    warnings: [...warnings, ...seen.warnings],
  };
}

/**
 * Removes a website from its account, or (with aliases) names of it; the last website takes the account's files with it.
 * Certificates stay; orders under way are dropped when a run comes to them. @throws as `addWebsite`
 */
export async function takeWebsite(
  account: AccountName,
  vhost: HostName,
  aliases: readonly HostName[],
  host: EditWebsitesHost,
): Promise<WebsiteEdit> {
  const lock = await host.locks.acquire(ACCOUNT_FILES_LOCK, 'autossl website remove');
  let removal: WebsiteRemoval;
  let files: readonly string[];
  try {
    removal = await planRemoval(account, vhost, aliases, host);
    files = await host.files.remove(account, removal, lock);
  } finally {
    await lock.release();
  }
  const isKept = removal.extent === 'aliases';
  const seen = isKept ? await readBack(account, vhost, host) : { names: [], warnings: [] };
  return {
    schemaVersion: 1,
    account,
    website: vhost,
    hasNewPlaceholder: false,
    outcome: isKept ? 'aliases-removed' : removal.extent === 'account' ? 'account-removed' : 'removed',
    kind: null,
    names: seen.names,
    certificate: isKept ? host.certificatePath(vhost) : null,
    files,
    warnings: seen.warnings,
  };
}

/** @throws UsageError UNKNOWN_USER */
async function homeOf(account: AccountName, host: EditWebsitesHost): Promise<string | null> {
  const user = await host.systemUser(account);
  if (user.state === 'person') return user.homeDirectory;
  if (user.state === 'absent') {
    throw new UsageError('UNKNOWN_USER', `there is no user ${account} on this system`, {
      advice: `Make it first: useradd --create-home ${account}`,
    });
  }
  if (user.state === 'reserved') {
    throw new UsageError(
      'BAD_NAME',
      `${account} cannot be a hosting account: such names are left by editors and panels`,
    );
  }
  throw new UsageError(
    'UNKNOWN_USER',
    `${account} is a system user (uid ${user.uid}, below UID_MIN ${user.leastUid}): it cannot be a hosting account`,
    { advice: 'Choose, or make with useradd, a user for the website.' },
  );
}

/** Null for an account that has none yet. @throws StateError CORRUPT_RECORD for half an account */
async function layoutForAdding(
  account: AccountName,
  vhost: HostName,
  host: EditWebsitesHost,
): Promise<AccountLayout | null> {
  const { user, layout } = await host.files.read(account);
  if (user !== null && layout === null) {
    throw new StateError(
      'CORRUPT_RECORD',
      `the account ${account} has no userdata: its file “main” is missing`,
      {
        advice: 'Restore it from a backup; nothing was changed.',
      },
    );
  }
  if (user !== null || layout === null) return layout;
  // An account whose making was interrupted is made anew; anything else is somebody's.
  if (layout.mainDomain === vhost && layout.websites.size === 1) return null;
  throw new StateError('CORRUPT_RECORD', `there are websites of ${account}, but no users file of that name`, {
    advice: `Restore the file, or move the account's userdata folder away; it has ${quoteForMessage(layout.mainDomain)}.`,
  });
}

/** @throws UsageError UNKNOWN_USER, BAD_ARGUMENT; StateError CORRUPT_RECORD */
async function planRemoval(
  account: AccountName,
  vhost: HostName,
  aliases: readonly HostName[],
  host: EditWebsitesHost,
): Promise<WebsiteRemoval> {
  const { user, layout } = await host.files.read(account);
  if (user === null) {
    throw new UsageError('UNKNOWN_USER', `there is no account ${account}`, {
      advice: 'See: autossl website list',
    });
  }
  if (layout !== null) {
    const isLeftOver =
      !layout.websites.has(vhost) &&
      aliases.length === 0 &&
      (await host.files.hasWebsiteFile(account, vhost));
    if (isLeftOver) return { vhost, extent: 'website', names: new Set([vhost]), keptAliases: [] };
    return removeWebsite(vhost, aliases, layout);
  }
  // A removal of the last website that was interrupted.
  if (user.mainDomain === vhost && aliases.length === 0) {
    return { vhost, extent: 'account', names: new Set(), keptAliases: [] };
  }
  throw new StateError(
    'CORRUPT_RECORD',
    `the account ${account} has no userdata: its file “main” is missing`,
    {
      advice: 'Restore it from a backup; nothing was changed.',
    },
  );
}

/** @throws UsageError BAD_ARGUMENT */
async function assertNobodyElses(
  names: readonly HostName[],
  account: AccountName,
  host: EditWebsitesHost,
): Promise<void> {
  const ownership = await host.namesOfOthers(account);
  for (const name of names) {
    const owner = ownership.ownerOf(name);
    if (owner === undefined || owner === account) continue;
    throw new UsageError('BAD_ARGUMENT', `${name} belongs to the account ${printable(owner)}`, {
      advice: 'A name can be on one account only: remove it there first.',
    });
  }
}

/** The website as the next run will see it. */
async function readBack(
  account: AccountName,
  vhost: HostName,
  host: EditWebsitesHost,
): Promise<{ readonly names: readonly string[]; readonly warnings: readonly string[] }> {
  const inventory = await host.accounts.read(account);
  if (inventory === undefined) return { names: [], warnings: [] };
  if (inventory.state === 'broken') return { names: [], warnings: [inventory.fault.message] };
  if (inventory.state === 'skipped') {
    return { names: [], warnings: [`The account is left out of checks: ${inventory.reason}.`] };
  }
  const website = inventory.websites.find((one) => one.vhost === vhost);
  return {
    names: website?.candidates.map(({ name }) => name) ?? [],
    warnings: inventory.faults.filter((fault) => fault.vhost === vhost).map(({ message }) => message),
  };
}
