import {
  chmodSync,
  chownSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { Tree } from '../../src/adapters/system/tree.js';

/** A hosting account as a test wants it; every file of it has the documented format. */
export interface AccountSpec {
  /** Main domain. */
  readonly domain: string;
  /** Addon domains; each gets the automatic subdomain `<first label>.<main domain>` that its vhost is named by. */
  readonly addons?: readonly string[];
  /** Domains parked on the main domain. */
  readonly aliases?: readonly string[];
  /** Subdomains with a website of their own, as full names (`*.example.com` too). */
  readonly subs?: readonly string[];
  /** Names added to `serveralias` of a vhost, by its name. */
  readonly serverAliases?: Readonly<Record<string, readonly string[]>>;
  /** `flag`: SUSPENDED=1 in the users file; `marker`: only the file in /var/cpanel/suspended. */
  readonly suspended?: boolean | 'flag' | 'marker';
  /** FEATURE-AUTOSSL in the users file. */
  readonly feature?: boolean;
  readonly featureList?: string;
  readonly plan?: string;
  /** SSL_DEFAULT_KEY_TYPE. */
  readonly keyType?: string;
  /** The account owns itself, as resellers do. */
  readonly reseller?: boolean;
  readonly owner?: string;
  readonly contactEmail?: string;
  /** Written to its exclusions file. */
  readonly exclude?: readonly string[];
  /** Owner of its home and document roots (as root only); default: one per account from 20001 on. */
  readonly uid?: number;
  /** Further lines of the users file. */
  readonly userLines?: Readonly<Record<string, string>>;
}

/** Whether /etc/userdatadomains and /etc/userdomains are there, newer than the account data, or not at all. */
export type DomainIndex = 'fresh' | 'none';

/** How much older the account data is than a fresh index. */
const INDEXED_AFTER_MS = 60_000;

export interface BuiltTree {
  readonly root: string;
  readonly tree: Tree;
  /** The real path of a documented one. */
  path(documented: string): string;
  /** Writes one of its files (mode 0644 unless given), by the documented path. */
  write(documented: string, contents: string | Uint8Array, mode?: number): void;
  cleanUp(): Promise<void>;
}

/** Starts a tree in a new folder, owned by whoever runs the test and writable by nobody else. */
export function aTree(): TreeBuilder {
  return new TreeBuilder();
}

/** Collects what a tree holds; `build` writes it, the domain index last, as updateuserdomains would. */
export class TreeBuilder {
  readonly #accounts = new Map<string, AccountSpec>();
  readonly #files: { path: string; contents: string | Uint8Array; mode: number }[] = [];
  #index: DomainIndex = 'fresh';
  #withDocumentRoots = true;

  account(name: string, spec: AccountSpec): this {
    this.#accounts.set(name, spec);
    return this;
  }

  /** /etc/autossl.yaml. */
  settings(settings: Readonly<Record<string, unknown>>): this {
    return this.file('/etc/autossl.yaml', stringify(settings), 0o600);
  }

  /** /var/cpanel/autossl.json. */
  autosslJson(contents: Readonly<Record<string, unknown>>): this {
    return this.file('/var/cpanel/autossl.json', JSON.stringify(contents), 0o600);
  }

  /** /var/cpanel/cpanel.config. */
  cpanelConfig(keys: Readonly<Record<string, string>>): this {
    return this.file('/var/cpanel/cpanel.config', keyValueLines(keys));
  }

  /** A list in /var/cpanel/features. */
  featureList(name: string, features: Readonly<Record<string, string>>): this {
    return this.file(`/var/cpanel/features/${name}`, keyValueLines(features));
  }

  /** A package in /var/cpanel/packages. */
  package(name: string, keys: Readonly<Record<string, string>>): this {
    return this.file(`/var/cpanel/packages/${name}`, keyValueLines(keys));
  }

  /** Key, leaf and chain of a website in one PEM. */
  combined(vhost: string, pem: string): this {
    return this.file(`/var/cpanel/ssl/apache_tls/${componentOf(vhost)}/combined`, pem, 0o600);
  }

  /** Any file, written after the accounts' own. */
  file(path: string, contents: string | Uint8Array, mode = 0o644): this {
    this.#files.push({ path, contents, mode });
    return this;
  }

  domainIndex(index: DomainIndex): this {
    this.#index = index;
    return this;
  }

  /** Leaves out homes and document roots: for large trees that nobody serves. */
  withoutDocumentRoots(): this {
    this.#withDocumentRoots = false;
    return this;
  }

  /** @param prefix begins the name of the tree's own folder */
  build(prefix = 'autossl-tree-'): BuiltTree {
    const root = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
    chmodSync(root, 0o755);
    const tree = new Tree(root);
    const write = (path: string, contents: string | Uint8Array, mode = 0o644): void => {
      const real = tree.at(path);
      mkdirSync(dirname(real), { recursive: true, mode: 0o755 });
      writeFileSync(real, contents, { mode });
      chmodSync(real, mode);
    };
    const passwd = ['root:x:0:0:root:/root:/bin/bash'];
    let nextUid = 20_001;
    mkdirSync(tree.users(), { recursive: true, mode: 0o755 });
    for (const [name, spec] of this.#accounts) {
      const uid = process.getuid?.() === 0 ? (spec.uid ?? nextUid++) : (process.getuid?.() ?? 0);
      passwd.push(`${name}:x:${uid}:${uid}::/home/${name}:/bin/bash`);
      write(`/var/cpanel/users/${name}`, usersFile(name, spec), 0o640);
      if (spec.suspended === true || spec.suspended === 'marker') write(`/var/cpanel/suspended/${name}`, '');
      if (spec.exclude !== undefined) {
        write(
          `/var/cpanel/ssl/autossl/excludes/${name}.json`,
          JSON.stringify({ excluded_domains: spec.exclude }),
          0o600,
        );
      }
      write(`/var/cpanel/userdata/${name}/main`, mainFile(spec));
      for (const vhost of vhostsOf(name, spec)) {
        write(`/var/cpanel/userdata/${name}/${componentOf(vhost.name)}`, vhostFile(name, vhost));
        if (this.#withDocumentRoots) makeOwned(tree, ['/home', `/home/${name}`, vhost.documentRoot], uid);
      }
    }
    write('/etc/passwd', `${passwd.join('\n')}\n`);
    for (const { path, contents, mode } of this.#files) write(path, contents, mode);
    if (this.#index === 'fresh') {
      const accounts = [...this.#accounts];
      write('/etc/userdatadomains', accounts.map(([name, spec]) => userdataDomainRows(name, spec)).join(''));
      write(
        '/etc/userdomains',
        `*: nobody\n${accounts.map(([name, spec]) => userDomainRows(name, spec)).join('')}`,
      );
      for (const [name] of accounts) makeOlder(tree.at(`/var/cpanel/userdata/${name}`));
    }
    return {
      root,
      tree,
      path: (documented) => tree.at(documented),
      write,
      cleanUp: () => rm(root, { recursive: true, force: true }),
    };
  }
}

/** An index that was rebuilt after the YAML, and not in the same tick of the file system's clock. */
function makeOlder(folder: string): void {
  const before = new Date(Date.now() - INDEXED_AFTER_MS);
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  for (const path of [...paths, folder]) lutimesSync(path, before, before);
}

interface Vhost {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly documentRoot: string;
}

/** The subdomain that the panel makes for an addon domain. */
export function automaticSubdomain(addon: string, mainDomain: string): string {
  return `${addon.split('.')[0]}.${mainDomain}`;
}

function vhostsOf(account: string, spec: AccountSpec): readonly Vhost[] {
  const apex = (name: string): string[] => [`mail.${name}`, `www.${name}`];
  const vhost = (name: string, folder: string, aliases: readonly string[]): Vhost => ({
    name,
    documentRoot: `/home/${account}/${folder}`,
    aliases: [...aliases, ...(spec.serverAliases?.[name] ?? [])],
  });
  return [
    vhost(spec.domain, 'public_html', [
      ...apex(spec.domain),
      ...(spec.aliases ?? []).flatMap((alias) => [alias, ...apex(alias)]),
    ]),
    ...(spec.addons ?? []).map((addon) => {
      const sub = automaticSubdomain(addon, spec.domain);
      return vhost(sub, addon, [addon, ...apex(addon), `www.${sub}`]);
    }),
    ...(spec.subs ?? []).map((sub) => vhost(sub, componentOf(sub), [`www.${sub}`])),
  ];
}

function usersFile(name: string, spec: AccountSpec): string {
  const others = [
    ...(spec.addons ?? []).flatMap((addon) => [addon, automaticSubdomain(addon, spec.domain)]),
    ...(spec.aliases ?? []),
    ...(spec.subs ?? []),
  ];
  const keys: Record<string, string | undefined> = {
    CONTACTEMAIL: spec.contactEmail ?? `owner@${spec.domain}`,
    DNS: spec.domain,
    ...Object.fromEntries(others.map((domain, index) => [`DNS${index + 1}`, domain])),
    'FEATURE-AUTOSSL': spec.feature === undefined ? undefined : String(Number(spec.feature)),
    FEATURELIST: spec.featureList,
    IP: '192.0.2.10',
    LOCALE: 'en',
    OWNER: spec.reseller === true ? name : (spec.owner ?? 'root'),
    PLAN: spec.plan ?? 'default',
    SSL_DEFAULT_KEY_TYPE: spec.keyType ?? 'system',
    STARTDATE: '1554919365',
    SUSPENDED: spec.suspended === true || spec.suspended === 'flag' ? '1' : undefined,
    USER: name,
    notify_autossl_expiry: '1',
    ...spec.userLines,
  };
  return `# Do not modify this file directly\n${keyValueLines(keys)}`;
}

function mainFile(spec: AccountSpec): string {
  const addons = (spec.addons ?? []).map((addon) => [addon, automaticSubdomain(addon, spec.domain)]);
  return `---\n${stringify({
    addon_domains: Object.fromEntries(addons),
    main_domain: spec.domain,
    parked_domains: spec.aliases ?? [],
    sub_domains: [...addons.map(([, sub]) => sub), ...(spec.subs ?? [])],
  })}`;
}

function vhostFile(account: string, vhost: Vhost): string {
  return `---\n${stringify(
    {
      documentroot: vhost.documentRoot,
      group: account,
      hascgi: 1,
      homedir: `/home/${account}`,
      ip: '192.0.2.10',
      owner: 'root',
      phpopenbasedirprotect: 1,
      port: 80,
      serveradmin: `webmaster@${vhost.name}`,
      serveralias: vhost.aliases.join(' '),
      servername: vhost.name,
      usecanonicalname: 'Off',
      user: account,
    },
    { lineWidth: 0 },
  )}`;
}

function userdataDomainRows(account: string, spec: AccountSpec): string {
  const owner = spec.reseller === true ? account : (spec.owner ?? 'root');
  const row = (domain: string, type: string, parent: string, folder: string): string =>
    `${domain}: ${account}==${owner}==${type}==${parent}==/home/${account}/${folder}==192.0.2.10:80==192.0.2.10:443====0==\n`;
  return [
    row(spec.domain, 'main', spec.domain, 'public_html'),
    ...(spec.aliases ?? []).map((alias) => row(alias, 'parked', spec.domain, 'public_html')),
    ...(spec.addons ?? []).flatMap((addon) => {
      const sub = automaticSubdomain(addon, spec.domain);
      return [row(addon, 'addon', sub, addon), row(sub, 'sub', spec.domain, addon)];
    }),
    ...(spec.subs ?? []).map((sub) => row(sub, 'sub', spec.domain, componentOf(sub))),
  ].join('');
}

function userDomainRows(account: string, spec: AccountSpec): string {
  return userdataDomainRows(account, spec)
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => `${row.slice(0, row.indexOf(': '))}: ${account}\n`)
    .join('');
}

function keyValueLines(keys: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(keys)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

function componentOf(vhost: string): string {
  return vhost.replace(/^\*\./, '_wildcard_.');
}

/** Makes the folders that are missing; all but the first belong to the account. */
function makeOwned(tree: Tree, folders: readonly string[], uid: number): void {
  for (const [depth, folder] of folders.entries()) {
    const made = mkdirSync(tree.at(folder), { recursive: true, mode: 0o755 });
    if (made !== undefined && depth > 0 && process.getuid?.() === 0) chownSync(tree.at(folder), uid, uid);
  }
}
