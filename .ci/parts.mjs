// The daemons and tools that tests need, in one table: `npm test` installs them, suites ask for them by part name.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Where `go install` puts the newer Pebble; looked at before PATH. */
export const goBinaries = join(root, '.build/go/bin');

/** A probe that does not answer in this time counts as absent. */
const PROBE_TIMEOUT_MS = 10_000;

/** Debian keeps daemons here; a normal user's PATH lacks it. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * part → Debian package (null: nothing to install) → probes: each must start. A probe's first word is the program that
 * `findProgram` looks up.
 */
export const parts = {
  pebble: {
    package: 'pebble',
    probes: [
      ['pebble', '-help'],
      ['pebble-challtestsrv', '-help'],
    ],
  },
  /** With renewal information and profiles: our own Go build, where there is a toolchain. */
  'newer-pebble': { package: null, probes: [] },
  nginx: { package: 'nginx-light', probes: [['nginx', '-v']] },
  apache: { package: 'apache2', probes: [['apache2', '-v']] },
  exim: { package: 'exim4-daemon-light', probes: [['exim4', '--version']] },
  dovecot: { package: 'dovecot-imapd', probes: [['dovecot', '--version']] },
  /** Its one program does not lie where commands are looked up. */
  'dovecot-pop3': { package: 'dovecot-pop3d', probes: [['/usr/lib/dovecot/pop3', '--version']] },
  'pure-ftpd': { package: 'pure-ftpd', probes: [['pure-ftpd', '--help']] },
  /** Its package needs the one with the tools that sign zones. */
  bind: {
    package: 'bind9',
    probes: [
      ['named', '-v'],
      ['dnssec-keygen', '-V'],
      ['dnssec-signzone', '-V'],
    ],
  },
  dig: {
    package: 'bind9-dnsutils',
    probes: [
      ['dig', '-v'],
      ['nsupdate', '-V'],
    ],
  },
  powerdns: { package: 'pdns-server', probes: [['pdns_server', '--version']] },
  /** A module of PowerDNS; no program of its own. */
  'powerdns-sqlite': {
    package: 'pdns-backend-sqlite3',
    probes: [['sh', '-c', 'ls /usr/lib/*/pdns/libgsqlite3backend.so || exit 127']],
  },
  sqlite: { package: 'sqlite3', probes: [['sqlite3', '-version']] },
  faketime: { package: 'faketime', probes: [['faketime', '--version']] },
  openssl: { package: 'openssl', probes: [['openssl', 'version']] },
  curl: { package: 'curl', probes: [['curl', '--version']] },
  at: {
    package: 'at',
    probes: [
      ['at', '-V'],
      ['atd', '-V'],
    ],
  },
  sudo: {
    package: 'sudo',
    probes: [
      ['sudo', '-V'],
      ['visudo', '-V'],
    ],
  },
  mandoc: { package: 'mandoc', probes: [['mandoc', '-T', 'lint', '/dev/null']] },
  /** Suites that keep their changes to the machine's folders to themselves. */
  mounts: { package: null, probes: [] },
  /** Suites that change owners, bind low ports or take another uid. */
  root: { package: null, probes: [] },
};

/** Programs that the environment may name outright. */
const namedByEnvironment = { pebble: 'PEBBLE', 'pebble-challtestsrv': 'PEBBLE_CHALLTESTSRV' };

/** PATH with the folders where Debian keeps daemons. */
export function searchPath(environment = process.env) {
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...folders, ...SYSTEM_FOLDERS.filter((folder) => !folders.includes(folder))].join(delimiter);
}

/** Absolute path of a program (one may be given): the environment's choice, then our own Go build, then the search path; or undefined. */
export function findProgram(name, environment = process.env) {
  const named = environment[namedByEnvironment[name] ?? ''];
  if (named !== undefined && named !== '') return isProgram(named) ? named : undefined;
  if (name.startsWith('/')) return isProgram(name) ? name : undefined;
  const built = join(goBinaries, name);
  return isProgram(built) ? built : findPackaged(name, environment);
}

/** The same of the search path alone: what the distribution packaged, whatever was built here. */
export function findPackaged(name, environment = process.env) {
  const folders = searchPath(environment).split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** What is missing of a part, as a phrase; undefined when it is there. */
export function missingOf(part, environment = process.env) {
  const row = parts[part];
  if (row === undefined) return `${part} (no such part in .ci/parts.mjs)`;
  if (part === 'root') return process.getuid?.() === 0 ? undefined : 'root (run as root)';
  if (part === 'newer-pebble') return missingNewerPebble(environment);
  if (part === 'mounts') return mayMount() ? undefined : 'mounts (root that may make mount namespaces)';
  for (const [program, ...words] of row.probes) {
    const path = findProgram(program, environment);
    const how = row.package === null ? '' : ` (package ${row.package})`;
    if (path === undefined) return `${part}${how}`;
    const probe = spawnSync(path, words, { stdio: 'ignore', timeout: PROBE_TIMEOUT_MS });
    // 127: found, but the loader could not start it.
    if (probe.error !== undefined || probe.status === 127) return `${part}: ${path} does not start`;
  }
  return undefined;
}

/** Whether its absence is a failure on a CI machine: what only a Go toolchain can build is not missed without one. */
export function isMissed(part, environment = process.env) {
  return part !== 'newer-pebble' || findProgram('go', environment) !== undefined;
}

/** Older ones do not know the option. */
function missingNewerPebble(environment) {
  const path = findProgram('pebble', environment);
  const why = 'newer-pebble (Pebble 2.7 or newer; built where Go is)';
  if (path === undefined) return why;
  const { status } = spawnSync(path, ['-version'], { stdio: 'ignore', timeout: PROBE_TIMEOUT_MS });
  return status === 0 ? undefined : why;
}

/** Whether this is a CI machine, where a missing part is a failure. */
export function isCi(environment = process.env) {
  return !['', '0', 'false'].includes((environment.CI ?? '').toLowerCase());
}

/** A container's root may not. */
function mayMount() {
  const words = ['--mount', 'sh', '-c', 'mount --make-rprivate / && mount --bind /tmp /tmp'];
  return spawnSync('unshare', words, { stdio: 'ignore', timeout: PROBE_TIMEOUT_MS }).status === 0;
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
