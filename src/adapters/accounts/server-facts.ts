import { join } from 'node:path';
import { ownersByName } from '../../core/domain/account/name-ownership.js';
import { chooseKeyType, DEFAULT_KEY_TYPE, type KeyType, unknownKeyType } from '../../core/domain/key-type.js';
import { printable } from '../../core/domain/name/names.js';
import { type ServiceNamesPolicy, serviceNamesPolicy } from '../../core/domain/service/service-names.js';
import type { AccountFault } from '../../core/domain/website/website.js';
import type { Tree } from '../system/tree.js';
import type { TreeReader } from '../system/tree-reader.js';
import { CachedFile, stampOf } from './cached-file.js';
import { DomainIndex, parsePairs } from './domain-index.js';
import { parseKeyValueLines } from './userdata/key-value-file.js';
import { isAccountFileName, isOfAnother, parseUserFile } from './users-file.js';

type Owners = ReadonlyMap<string, string>;

/** What holds for every account of the server. */
export interface ServerFacts {
  /** Undefined when the server has no /etc/userdatadomains, or it cannot be read. */
  readonly index: DomainIndex | undefined;
  /** Which account each domain is listed for, the list that counts most first. */
  readonly ownerLists: readonly Owners[];
  /** Home folder of each user in /etc/passwd. */
  readonly homes: ReadonlyMap<string, string>;
  /** Accounts that own accounts. */
  readonly resellers: ReadonlySet<string>;
  readonly serviceNames: ServiceNamesPolicy;
  readonly keyType: KeyType;
  /** Server-wide files that cannot be read (they count as absent) or hold a wrong value. */
  readonly faults: readonly AccountFault[];
}

/** Reads and keeps the server-wide files. */
export class ServerFactsReader {
  readonly #tree: Tree;
  readonly #index: CachedFile<DomainIndex>;
  readonly #userDomains: CachedFile<Owners>;
  readonly #trueUserOwners: CachedFile<ReadonlySet<string>>;
  readonly #config: CachedFile<ReadonlyMap<string, string>>;
  readonly #passwd: CachedFile<ReadonlyMap<string, string>>;
  #indexOwners: { index: DomainIndex; listed: Owners | undefined; owners: Owners } | undefined;
  #userFileOwners: { stamp: string; owners: Owners } | undefined;

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#index = new CachedFile(
      tree.userdataDomains(),
      (text, changedAtMs) => new DomainIndex(text, changedAtMs),
    );
    this.#userDomains = new CachedFile(tree.userDomains(), (text, _, reader) =>
      ownersByName(parsePairs(text), (name) => this.#isAccount(reader, name)),
    );
    this.#trueUserOwners = new CachedFile(
      tree.trueUserOwners(),
      (text) => new Set([...parsePairs(text)].map(([, owner]) => owner)),
    );
    this.#config = new CachedFile(tree.cpanelConfig(), parseKeyValueLines);
    this.#passwd = new CachedFile(tree.passwd(), homesInPasswd);
  }

  /** `accounts` gives the names in the users folder; asked only where no list says whose a domain is. */
  read(reader: TreeReader, accounts: () => readonly string[]): ServerFacts {
    const index = this.#index.read(reader);
    const userDomains = this.#userDomains.read(reader);
    const owners = this.#trueUserOwners.read(reader);
    const config = this.#config.read(reader);
    const passwd = this.#passwd.read(reader);
    const configured = chooseKeyType(config.value?.get('ssl_default_key_type'), DEFAULT_KEY_TYPE);
    const faults = [index, userDomains, owners, config, passwd].map(({ fault }) => fault);
    if (configured.unknown !== null) faults.push(this.#keyTypeFault(configured.unknown));
    return {
      index: index.value,
      ownerLists: this.#ownerLists(reader, index.value, userDomains.value, accounts),
      homes: passwd.value ?? new Map(),
      resellers: new Set([...(index.value?.owners ?? []), ...(owners.value ?? [])]),
      serviceNames: serviceNamesPolicy(config.value),
      keyType: configured.keyType,
      faults: faults.filter((fault) => fault !== null),
    };
  }

  /** /etc/userdomains, then what /etc/userdatadomains has beyond it; without both the domains of the users files. */
  #ownerLists(
    reader: TreeReader,
    index: DomainIndex | undefined,
    listed: Owners | undefined,
    accounts: () => readonly string[],
  ): readonly Owners[] {
    const isAccount = (name: string): boolean => this.#isAccount(reader, name);
    if (index !== undefined) {
      if (this.#indexOwners?.index !== index || this.#indexOwners.listed !== listed) {
        this.#indexOwners = { index, listed, owners: ownersByName(index.ownership(), isAccount, listed) };
      }
      return listed === undefined ? [this.#indexOwners.owners] : [listed, this.#indexOwners.owners];
    }
    if (listed !== undefined) return [listed];
    const stamp = stampOf(reader, this.#tree.users());
    if (this.#userFileOwners?.stamp !== stamp) {
      const pairs = domainsInUserFiles(this.#tree, reader, accounts());
      this.#userFileOwners = { stamp, owners: ownersByName(pairs, () => true) };
    }
    return [this.#userFileOwners.owners];
  }

  #isAccount(reader: TreeReader, name: string): boolean {
    return isAccountFileName(name) && reader.facts(join(this.#tree.users(), name)) !== undefined;
  }

  #keyTypeFault(value: string): AccountFault {
    const path = this.#tree.cpanelConfig();
    const why = unknownKeyType('ssl_default_key_type', value, DEFAULT_KEY_TYPE);
    return { code: 'ACCOUNT_FILE_INVALID', path, vhost: null, message: `${printable(path)}: ${why}` };
  }
}

function* domainsInUserFiles(
  tree: Tree,
  reader: TreeReader,
  accounts: readonly string[],
): Iterable<readonly [domain: string, account: string]> {
  for (const account of accounts) {
    const reading = reader.read(join(tree.users(), account));
    if (reading.state !== 'read') continue;
    const user = parseUserFile(reading.text);
    // A file that says that it is another account's takes nothing away from that one.
    if (!isOfAnother(account, user)) for (const domain of user.domains) yield [domain, account];
  }
}

/** passwd(5): name:password:uid:gid:comment:home:shell. */
function homesInPasswd(text: string): ReadonlyMap<string, string> {
  const homes = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [name, , , , , home] = line.split(':', 6);
    if (name && home?.startsWith('/') && !homes.has(name)) homes.set(name, home);
  }
  return homes;
}
