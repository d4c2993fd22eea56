import { lstatSync, realpathSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import type { AccountName } from '../../core/domain/account/account-name.js';
import { ConfigurationError } from '../../core/domain/autossl-error.js';
import { type DomainName, quoteForMessage, type WildcardName } from '../../core/domain/name/names.js';
import { pathComponentOf } from '../../core/domain/path-component.js';
import type { ServiceName } from '../../core/domain/service/service-name.js';

type HostName = DomainName | WildcardName;

/** The only place that knows where things lie (design section 3). Every path is absolute and under the root. */
export class Tree {
  /** Without trailing slash; empty for `/`. */
  readonly #root: string;

  constructor(root: string) {
    this.#root = root === '/' ? '' : root.replace(/\/+$/, '');
  }

  /** The root as the first log line names it. */
  get root(): string {
    return this.#root === '' ? '/' : this.#root;
  }
  get isPrivate(): boolean {
    return this.#root !== '';
  }

  /** The real path of a documented absolute path (also of document roots and home folders named in the data). */
  at(documentedPath: string): string {
    return this.#root + normalize(`/${documentedPath}`);
  }

  /** The documented path of a real one; undefined for what is not under the root. */
  documented(realPath: string): string | undefined {
    const path = normalize(realPath);
    if (this.#root === '') return path;
    return path.startsWith(this.#root + sep) ? path.slice(this.#root.length) : undefined;
  }

  /** Above everything documented; not private. */
  base = (): string => this.at('/var/cpanel');
  tlsBase = (): string => this.at('/var/cpanel/ssl');

  // Documented, read
  users = (): string => this.at('/var/cpanel/users');
  userFile = (account: AccountName): string => join(this.users(), account);
  userdata = (account: AccountName): string => join(this.at('/var/cpanel/userdata'), account);
  userdataDomains = (): string => this.at('/etc/userdatadomains');
  trueUserDomains = (): string => this.at('/etc/trueuserdomains');
  domainUsers = (): string => this.at('/etc/domainusers');
  userDomains = (): string => this.at('/etc/userdomains');
  trueUserOwners = (): string => this.at('/etc/trueuserowners');
  suspended = (account: AccountName): string => join(this.at('/var/cpanel/suspended'), account);
  features = (): string => this.at('/var/cpanel/features');
  packages = (): string => this.at('/var/cpanel/packages');
  cpanelConfig = (): string => this.at('/var/cpanel/cpanel.config');
  mainIp = (): string => this.at('/var/cpanel/mainip');
  hostname = (): string => this.at('/etc/hostname');
  hosts = (): string => this.at('/etc/hosts');
  passwd = (): string => this.at('/etc/passwd');
  group = (): string => this.at('/etc/group');
  loginDefs = (): string => this.at('/etc/login.defs');

  // Settings
  settings = (): string => this.at('/etc/autossl.yaml');
  autosslJson = (): string => this.at('/var/cpanel/autossl.json');
  /** Outside of what it speaks of. */
  stateMark = (): string => this.at('/var/cpanel/.autossl_state');
  excludes = (): string => this.at('/var/cpanel/ssl/autossl/excludes');
  exclusionsOf = (account: AccountName): string => join(this.excludes(), `${account}.json`);

  // Certificates
  websitesTls = (): string => this.at('/var/cpanel/ssl/apache_tls');
  websiteTls = (vhost: HostName): string => join(this.websitesTls(), pathComponentOf(vhost));
  combined = (vhost: HostName): string => join(this.websiteTls(vhost), 'combined');
  copies = (): string => this.at('/var/cpanel/ssl/domain_tls');
  domainTls = (name: HostName): string => join(this.copies(), pathComponentOf(name));

  /** The folder of one of the server's own services. */
  serviceTls = (service: ServiceName): string => this.at(`/var/cpanel/ssl/${service}`);

  /** Root's own keys, requests and certificates. */
  rootMaterial = (): string => this.at('/var/cpanel/ssl/system');
  /** What mail and FTP daemons find customers' certificates by. */
  sni = (): string => this.at('/var/cpanel/ssl/sni');

  /** An administrator's own templates of notices. */
  noticeTemplates = (): string => this.at('/var/cpanel/icontact_templates/autossl');

  // Touch files
  disableHostnameCertificate = (): string => this.at('/var/cpanel/ssl/disable_auto_hostname_certificate');
  disableServiceCertificates = (): string =>
    this.at('/var/cpanel/ssl/disable_service_certificate_management');

  // Set-up
  cronFile = (): string => this.at('/etc/cron.d/cpanel_autossl');
  maintenanceHook = (): string => this.at('/etc/autossl/maintenance-hook');
  cpanelPrograms = (): string => this.at('/usr/local/cpanel/bin');
  sudoers = (): string => this.at('/etc/sudoers.d/autossl');
  cpanelScripts = (): string => this.at('/usr/local/cpanel/scripts');

  // Ours
  own = (): string => this.at('/var/cpanel/ssl/autossl');
  accounts = (provider: string): string => join(this.own(), 'accounts', provider);
  /** Third parties' providers: programs of root's. */
  providerModules = (): string => this.at('/var/cpanel/autossl-providers');
  orders = (): string => join(this.own(), 'orders');
  staging = (): string => join(this.own(), 'staging');
  /** Which processes published something that is not in use yet. */
  reloadOwed = (): string => join(this.staging(), 'reload-owed');
  issued = (): string => join(this.own(), 'issued');
  archive = (): string => join(this.own(), 'archive');
  nameRecords = (): string => join(this.own(), 'names');
  problems = (): string => join(this.own(), 'problems');
  ledger = (): string => join(this.own(), 'ledger');
  ari = (): string => join(this.own(), 'ari');
  /** What was last seen of websites. */
  served = (): string => join(this.own(), 'served');
  notServed = (): string => join(this.served(), 'not-served');
  locks = (): string => join(this.own(), 'locks');
  /** What we added to zones. */
  undo = (): string => join(this.own(), 'undo');
  localCa = (): string => join(this.own(), 'local_ca');
  /** Which process placed which challenge files, for the sweep after a crash. */
  placed = (): string => join(this.own(), 'placed');
  /** The same of records in DNS. */
  placedRecords = (): string => join(this.placed(), 'dns');
  setupJournal = (): string => join(this.own(), 'setup.json');
  /** Keys that somebody else has, as issuers said of certificates that are gone. */
  lostKeys = (): string => join(this.own(), 'lost-keys.json');
  orphans = (): string => join(this.own(), 'orphans.json');
  localCaRoot = (): string => join(this.localCa(), 'root.pem');
  index = (): string => join(this.own(), 'index');
  /** What the directories of providers said when they were last asked. */
  directories = (): string => join(this.index(), 'directories');
  sniIndex = (): string => join(this.index(), 'sni.json');
  /** Revocation lists of issuers. */
  crlCache = (): string => join(this.index(), 'crl');

  /** What goes out to people: messages that wait, and what was told. */
  notices = (): string => join(this.own(), 'notices');
  /** Of which troubles people were told, of accounts and of this server's services. */
  toldNotices = (): string => join(this.notices(), 'told');
  toldServices = (): string => join(this.notices(), 'services.json');
  outbox = (): string => join(this.notices(), 'outbox');
  /** Messages that a channel gave up. */
  undelivered = (): string => join(this.notices(), 'undelivered');

  // Challenges and logs
  challenges = (): string => this.at('/var/cpanel/acme-challenge');
  logs = (): string => this.at('/var/cpanel/logs/autossl');

  /**
   * The tree as the stores of one service see it: its set lies in the service's folder whoever asks, and what is recorded
   * about it (archive, journal, served) in a folder of its own among ours.
   */
  ofService(service: ServiceName): Tree {
    const folder = this.serviceTls(service);
    const own = join(this.own(), 'services', service);
    const tree = new Tree(this.root);
    tree.own = () => own;
    tree.websiteTls = () => folder;
    return tree;
  }

  /** As `assertInside`, of every folder of ours: root alone can have put a link there. @throws ConfigurationError UNSAFE_FILE */
  assertOwnFoldersInside(): void {
    const inStaging = [join(this.staging(), 'publishing'), this.reloadOwed()];
    const named = [this.orders(), this.staging(), this.issued(), this.archive(), this.nameRecords()];
    const more = [
      this.problems(),
      this.undo(),
      this.ledger(),
      this.ari(),
      this.locks(),
      this.localCa(),
      join(this.localCa(), 'orders'),
      this.placed(),
    ];
    const rest = [
      this.served(),
      this.notServed(),
      this.index(),
      this.crlCache(),
      this.directories(),
      this.excludes(),
      this.challenges(),
      this.logs(),
      this.sni(),
      this.toldNotices(),
      this.notices(),
      this.outbox(),
      this.undelivered(),
    ];
    for (const folder of [...named, ...inStaging, ...more, ...rest]) this.assertInside(folder);
  }

  /**
   * Refuses a path whose links lead out of the root. A path that does not exist yet is judged by its nearest
   * existing folder. No-op for `/`. @throws ConfigurationError UNSAFE_FILE
   */
  assertInside(path: string): void {
    if (this.#root === '') return;
    let existing = path;
    while (existing !== sep && !exists(existing)) existing = join(existing, '..');
    let real: string;
    try {
      real = realpathSync(existing);
    } catch {
      throw new ConfigurationError('UNSAFE_FILE', `${quoteForMessage(path)} goes through a broken link`);
    }
    const root = realpathSync(this.#root);
    if (real !== root && !real.startsWith(root + sep)) {
      throw new ConfigurationError(
        'UNSAFE_FILE',
        `${quoteForMessage(path)} leads out of the tree ${this.#root}`,
      );
    }
  }
}

/**
 * The tree that `AUTOSSL_ROOT` names (default `/`). Root honours the variable only for a folder that root owns and
 * nobody else may write. @throws ConfigurationError UNSAFE_ROOT
 */
export function openTree(environment: NodeJS.ProcessEnv, uid: number): Tree {
  const root = environment['AUTOSSL_ROOT'];
  if (root === undefined || root === '' || root === '/') return new Tree('/');
  const refuse = (why: string): never => {
    throw new ConfigurationError('UNSAFE_ROOT', `AUTOSSL_ROOT=${quoteForMessage(root)} is refused: ${why}`, {
      advice: 'Name an existing folder that root owns and nobody else may write.',
    });
  };
  if (!root.startsWith('/')) refuse('it is not an absolute path');
  let real = root;
  try {
    real = realpathSync(root);
  } catch {
    refuse('there is no such folder');
  }
  const facts = lstatSync(real);
  if (!facts.isDirectory()) refuse('it is not a folder');
  if (uid === 0 && facts.uid !== 0) refuse('root does not own it');
  if (uid === 0 && (facts.mode & 0o022) !== 0) refuse('others than root may write to it');
  return new Tree(real);
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
