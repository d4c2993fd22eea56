import { join } from 'node:path';
import {
  type AccountLayout,
  type LaidOutWebsite,
  normalName,
  type WebsiteKind,
} from '../../../core/domain/account/account-layout.js';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import { StateError } from '../../../core/domain/autossl-error.js';
import { parseHostName, quoteForMessage } from '../../../core/domain/name/names.js';
import { pathComponentOf } from '../../../core/domain/path-component.js';
import type { Tree } from '../../system/tree.js';
import { loadYamlReader, readMainFile, readVhostFile, type YamlReader } from '../userdata/userdata-yaml.js';
import { parseUserFile, type UserFile } from '../users-file.js';
import { readDocumentedFile } from './account-writer-files.js';

/** What lies of an account; one half without the other is a broken account, or one that was half written or removed. */
export interface AccountFilesReading {
  readonly user: UserFile | null;
  readonly layout: AccountLayout | null;
}

/** @throws StateError CORRUPT_RECORD for files that cannot be understood, TREE_UNREADABLE */
export async function readAccountFiles(tree: Tree, account: AccountName): Promise<AccountFilesReading> {
  const userText = readDocumentedFile(tree, tree.userFile(account))?.text;
  const user = userText === undefined ? null : parseUserFile(userText);
  if (user?.user !== undefined && user.user !== account) {
    throw corrupt(tree.userFile(account), `it says USER=${user.user}`);
  }
  const readYaml = await loadYamlReader();
  const path = join(tree.userdata(account), 'main');
  const text = readDocumentedFile(tree, path)?.text;
  if (text === undefined) return { user, layout: null };
  const mapping = readYaml(text);
  const main = typeof mapping === 'string' ? mapping : readMainFile(mapping);
  if (typeof main === 'string') throw corrupt(path, main);
  const addons = new Map([...main.addons].map(([addon, vhost]) => [normalName(addon), normalName(vhost)]));
  const mainDomain = normalName(main.mainDomain);
  const subdomains = main.subdomains.map(normalName);
  const parked = main.parked.map(normalName);
  const websites = new Map<string, LaidOutWebsite>();
  for (const vhost of new Set([mainDomain, ...subdomains, ...addons.values()])) {
    const kind: WebsiteKind =
      vhost === mainDomain
        ? 'main'
        : !subdomains.includes(vhost) && addons.get(vhost) === vhost
          ? 'addon'
          : 'sub';
    websites.set(vhost, { vhost, kind, ...readWebsite(tree, readYaml, account, vhost) });
  }
  const listed = new Set([...websites.values()].flatMap(({ aliases }) => aliases));
  const unlisted = parked.filter((alias) => !listed.has(alias));
  const first = websites.get(mainDomain);
  if (first !== undefined) websites.set(mainDomain, { ...first, aliases: [...first.aliases, ...unlisted] });
  return { user, layout: { mainDomain, addons, parked, subdomains, websites } };
}

/** The file of a website in its account's folder; undefined for what is no name. */
export function websiteFile(tree: Tree, account: AccountName, vhost: string): string | undefined {
  try {
    return join(tree.userdata(account), pathComponentOf(parseHostName(vhost)));
  } catch {
    return undefined;
  }
}

/** A website whose file is missing has nothing yet. */
function readWebsite(
  tree: Tree,
  readYaml: YamlReader,
  account: AccountName,
  vhost: string,
): Pick<LaidOutWebsite, 'documentRoot' | 'aliases'> {
  const path = websiteFile(tree, account, vhost);
  const text = path === undefined ? undefined : readDocumentedFile(tree, path)?.text;
  if (path === undefined || text === undefined) return { documentRoot: '', aliases: [] };
  const mapping = readYaml(text);
  const file = typeof mapping === 'string' ? mapping : readVhostFile(mapping);
  if (typeof file === 'string') throw corrupt(path, file);
  return { documentRoot: file.documentRoot, aliases: file.aliases.map(normalName) };
}

function corrupt(path: string, why: string): StateError {
  return new StateError('CORRUPT_RECORD', `${quoteForMessage(path)} cannot be used: ${why}`, {
    advice: 'Mend it by hand; nothing was changed.',
  });
}
