import { join } from 'node:path';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import type { AccountData, VhostData } from '../../../core/domain/account/account-websites.js';
import { parseHostName, printable } from '../../../core/domain/name/names.js';
import { pathComponentOf } from '../../../core/domain/path-component.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import type { AccountFault } from '../../../core/domain/website/website.js';
import type { Tree } from '../../system/tree.js';
import type { TreeReader } from '../../system/tree-reader.js';
import {
  loadYamlReader,
  type MainFile,
  readMainFile,
  readVhostFile,
  type VhostFile,
  type YamlReader,
} from './userdata-yaml.js';

/** The account's data, or the fault that leaves none. */
export type AccountDataReading =
  | { readonly state: 'read'; readonly data: AccountData }
  | { readonly state: 'broken'; readonly fault: AccountFault };

/**
 * The account's data from its YAML: `main`, then one file for each website that it names. A website whose file is
 * missing or broken is a fault and the others go on; without a usable `main` the account is broken.
 */
export async function readUserdataFolder(
  tree: Tree,
  reader: TreeReader,
  account: AccountName,
): Promise<AccountDataReading> {
  const readYaml = await loadYamlReader();
  const folder = tree.userdata(account);
  const mainPath = join(folder, 'main');
  const broken = (code: AccountFault['code'], why: string): AccountDataReading => ({
    state: 'broken',
    fault: { code, path: mainPath, vhost: null, message: `${printable(mainPath)}: ${printable(why)}` },
  });
  const reading = reader.read(mainPath);
  if (reading.state === 'absent') return broken('ACCOUNT_FILE_UNREADABLE', 'there is no such file');
  if (reading.state === 'unreadable') return broken('ACCOUNT_FILE_UNREADABLE', reading.why);
  const mapping = readYaml(reading.text);
  const facts = typeof mapping === 'string' ? mapping : readMainFile(mapping);
  if (typeof facts === 'string') return broken('ACCOUNT_FILE_INVALID', facts);
  const addonsBySubdomain = new Map<string, string[]>();
  for (const [addon, subdomain] of facts.addons) {
    addonsBySubdomain.set(subdomain, [...(addonsBySubdomain.get(subdomain) ?? []), addon]);
  }
  const faults: AccountFault[] = [];
  const vhosts: VhostData[] = [];
  let homeDirectory: string | null = null;
  for (const name of new Set([facts.mainDomain, ...facts.subdomains, ...facts.addons.values()])) {
    const found = readVhost(reader, readYaml, folder, name);
    if ('code' in found) {
      faults.push(found);
      continue;
    }
    homeDirectory ??= found.file.homeDirectory;
    vhosts.push({
      servername: name,
      aliases: [...found.file.aliases, ...(addonsBySubdomain.get(name) ?? [])],
      documentRoot: found.file.documentRoot,
      path: found.path,
    });
  }
  return {
    state: 'read',
    data: {
      mainDomain: facts.mainDomain,
      addons: [...facts.addons.keys()],
      parked: facts.parked,
      subdomains: facts.subdomains,
      vhosts: withParked(vhosts, facts),
      homeDirectory,
      faults,
    },
  };
}

/** The home folder that the YAML of the account's website names; null when it cannot be had. */
export async function readHomeDirectory(
  tree: Tree,
  reader: TreeReader,
  account: AccountName,
  vhost: string,
): Promise<string | null> {
  const found = readVhost(reader, await loadYamlReader(), tree.userdata(account), vhost);
  return 'file' in found ? found.file.homeDirectory : null;
}

function readVhost(
  reader: TreeReader,
  readYaml: YamlReader,
  folder: string,
  name: string,
): { readonly file: VhostFile; readonly path: string } | AccountFault {
  let path = folder;
  const fault = (code: AccountFault['code'], why: string): AccountFault => ({
    code,
    path,
    vhost: printable(name),
    message: `${printable(path)}: ${printable(why)}`,
  });
  try {
    path = join(folder, pathComponentOf(parseHostName(name)));
  } catch (error) {
    return fault('NAME_INVALID', reasonOf(error));
  }
  const reading = reader.read(path);
  if (reading.state === 'absent') return fault('WEBSITE_FILE_MISSING', 'there is no such file');
  if (reading.state === 'unreadable') return fault('WEBSITE_FILE_INVALID', reading.why);
  const mapping = readYaml(reading.text);
  const file = typeof mapping === 'string' ? mapping : readVhostFile(mapping);
  if (typeof file === 'string') return fault('WEBSITE_FILE_INVALID', file);
  if (file.servername !== undefined && !isSameName(file.servername, name)) {
    return fault('WEBSITE_FILE_INVALID', `its servername is ${file.servername}`);
  }
  return { file, path };
}

function isSameName(one: string, other: string): boolean {
  try {
    return parseHostName(one) === parseHostName(other);
  } catch {
    return false;
  }
}

/** Parked domains that no website's file names belong to the main domain's website. */
function withParked(vhosts: readonly VhostData[], main: MainFile): readonly VhostData[] {
  const named = new Set(vhosts.flatMap(({ aliases }) => aliases));
  const unnamed = main.parked.filter((alias) => !named.has(alias));
  if (unnamed.length === 0) return vhosts;
  return vhosts.map((vhost) =>
    vhost.servername === main.mainDomain ? { ...vhost, aliases: [...vhost.aliases, ...unnamed] } : vhost,
  );
}
