import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SocketTlsProbe } from '../../adapters/probe/tls-probe.js';
import { addressSpaceOf } from '../../adapters/services/config-process.js';
import type { DaemonInvocation } from '../../adapters/services/daemon-kind.js';
import { outputOf, programBeside } from '../../adapters/services/daemon-programs.js';
import { DaemonService } from '../../adapters/services/kinds/daemon-service.js';
import { detectService } from '../../adapters/services/service-detection.js';
import { CertdTable } from '../../adapters/sni/certd-table.js';
import { DovecotForm, type ProgramOutput } from '../../adapters/sni/dovecot-form.js';
import { DovecotMemory } from '../../adapters/sni/dovecot-memory.js';
import { LinkTable } from '../../adapters/sni/link-table.js';
import { FileNamePairs } from '../../adapters/sni/name-pairs.js';
import { PairFolder, pairsPath } from '../../adapters/sni/pair-folder.js';
import { PostfixForm } from '../../adapters/sni/postfix-form.js';
import { OPEN_FOLDER, PRIVATE_FOLDER } from '../../adapters/sni/sni-folder.js';
import { TextTable } from '../../adapters/sni/text-table.js';
import { serviceFilePaths, servicePemPath } from '../../adapters/store/services/service-certificates.js';
import { systemClock } from '../../adapters/system/clock.js';
import { readHostName } from '../../adapters/system/host-name.js';
import { FileLockKeeper } from '../../adapters/system/locks/locks.js';
import type { Tree } from '../../adapters/system/tree.js';
import { placeholderNameOf } from '../../core/domain/name/hostname.js';
import type { ServiceName } from '../../core/domain/service/service-name.js';
import type { SniDaemon, SniHost } from '../../runs/sni/sni-host.js';
import { type Base, openBase } from './base.js';

type MailOrFtp = Exclude<ServiceName, 'cpanel'>;
const SERVICES: readonly MailOrFtp[] = ['exim', 'dovecot', 'ftp'];

/** What offering customers' certificates to mail and FTP needs. Opening it touches nothing. */
export function openSniHost(base: Base): SniHost {
  const { tree, settings } = base;
  const names = new FileNamePairs(tree);
  const { exim } = settings.services;
  return {
    clock: systemClock,
    locks: new FileLockKeeper(tree),
    tls: new SocketTlsProbe(),
    hostname: async () => placeholderNameOf(await readHostName(tree)),
    names,
    pairs: new PairFolder({
      tree,
      keyGroup: exim.sni ? exim.keyGroup : null,
      readPair: (name, expected) => names.readPair(name, expected),
    }),
    daemons: async () => {
      const daemons: SniDaemon[] = [];
      for (const service of SERVICES) {
        const daemon = await findDaemon(base, service);
        if (daemon !== null) daemons.push(daemon);
      }
      return daemons;
    },
  };
}

/** The same for a command of its own. @throws ConfigurationError as `openBase` */
export async function openOwnSni(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<{ readonly host: SniHost; readonly ownFile: (service: ServiceName) => string }> {
  const base = await openBase(environment, uid);
  return { host: openSniHost(base), ownFile: (service) => servicePemPath(base.tree, service) };
}

/**
 * The daemon behind a service, with its table. Of one that is gone the table is emptied, and stays: whoever still names it
 * finds nothing, which is no error. Null where there is neither.
 */
async function findDaemon(base: Base, service: MailOrFtp): Promise<SniDaemon | null> {
  const { tree, settings } = base;
  const own = settings.services[service];
  const detection = await detectService(service, own, {
    tree,
    hostname: placeholderNameOf(await readHostName(tree)),
    files: serviceFilePaths(tree, service),
    webServers: () => [],
  });
  const [server] = detection.state === 'found' ? detection.servers : [];
  const lockName = `install:${service}`;
  const off = own.sni ? null : `services.${service}.sni is false`;
  if (server instanceof DaemonService) {
    const { kind, title } = server.daemon;
    const tools = toolsOf(server.daemon);
    const facts = { service, kind, title, lockName, refusal: off, asked: server, room: null };
    if (kind === 'postfix') return { ...facts, table: postfixTable(tree, tools), server };
    if (kind === 'dovecot') return { ...facts, ...dovecotTable(tree, tools, server), server };
    if (kind === 'pure-ftpd')
      return { ...facts, table: certdTable(tree, () => asksSomebody(server)), server: null };
    if (kind === 'exim') {
      const refusal = off ?? (own.keyGroup === null ? EXIM_IS_CLOSED : null);
      return { ...facts, table: eximTable(tree, own.keyGroup, tools), server, refusal };
    }
  }
  const table = {
    exim: eximTable(tree, null, NO_TOOLS),
    dovecot: dovecotTable(tree, NO_TOOLS, null).table,
    ftp: certdTable(tree, async () => false),
  }[service];
  const refusal = `there is no daemon of the service ${service} that takes certificates by name`;
  if (!existsSync(table.path)) return null;
  const nobody = { server: null, asked: null, room: null };
  return { service, kind: 'none', title: `The service ${service}`, lockName, table, refusal, ...nobody };
}

const EXIM_IS_CLOSED = 'Exim reads keys as its own user: name a group of that user in services.exim.keyGroup';

/** How programs of a daemon's installation are run. */
interface Tools {
  readonly output: ProgramOutput;
  /** The daemon's own program, with what names the configuration. */
  readonly own: readonly string[];
  /** Another one likewise, and its path alone. */
  readonly words: (program: string) => readonly string[];
  readonly path: (program: string) => string;
}

const NO_TOOLS: Tools = {
  output: async () => ({ fault: 'it is not there' }),
  own: [],
  words: () => [],
  path: () => '',
};

function toolsOf(daemon: DaemonInvocation): Tools {
  const path = (program: string): string => programBeside(daemon, program);
  return {
    output: (argv) => outputOf(daemon, argv),
    own: [daemon.control.program.path, ...daemon.arguments],
    words: (program) => [path(program), ...daemon.arguments],
    path,
  };
}

function eximTable(tree: Tree, keyGroup: number | null, { output, own }: Tools): LinkTable {
  // Without a group it is empty; but a folder that Exim may not list is an error at each connection.
  const attributes = keyGroup === null ? OPEN_FOLDER : { mode: 0o750, gid: keyGroup };
  const path = join(tree.sni(), 'exim');
  const isNamed = async (): Promise<boolean> => {
    const option = await output([...own, '-bP', 'tls_certificate']);
    return typeof option === 'string' && option.includes(`{${path}/`);
  };
  return new LinkTable({ tree, path, attributes, isNamed });
}

function certdTable(tree: Tree, isNamed: () => Promise<boolean>): CertdTable {
  const links = { tree, path: join(tree.sni(), 'ftp'), attributes: PRIVATE_FOLDER, isNamed };
  return new CertdTable(links, join(tree.sni(), 'pure-certd'));
}

/** Whether Pure-FTPd is told to ask somebody for certificates; whom, nobody can see. */
async function asksSomebody(server: DaemonService): Promise<boolean> {
  const sites = await server.readSites();
  if ('fault' in sites) return false;
  return sites.some(({ certificates }) => certificates.some(({ isVariable }) => isVariable));
}

function dovecotTable(
  tree: Tree,
  { output, words, path }: Tools,
  server: DaemonService | null,
): { readonly table: TextTable; readonly room: DovecotMemory } {
  const common = { output, doveconf: words('doveconf'), folder: pairsPath(tree) };
  const form = new DovecotForm({ ...common, dovecot: path('dovecot') });
  const file = join(tree.sni(), 'dovecot.conf');
  const runningLimit = (): number | null => (server === null ? null : addressSpaceOf(server.daemon.control));
  const room = new DovecotMemory({ ...common, form, path: file, runningLimit });
  return { table: new TextTable(tree, file, form), room };
}

function postfixTable(tree: Tree, { output, words }: Tools): TextTable {
  const form = { output, postconf: words('postconf'), postmap: words('postmap'), folder: pairsPath(tree) };
  return new TextTable(tree, join(tree.sni(), 'postfix'), new PostfixForm(form));
}
