import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DomainName } from '../../core/domain/name/names.js';
import type { ServiceName } from '../../core/domain/service/service-name.js';
import type { WebServer } from '../../runs/ports/installation.js';
import type { ServiceSettings } from '../../runs/ports/settings.js';
import { findMaster, type MasterFinder } from '../system/daemon/master-finder.js';
import { isTrustedProgram, type MasterProcess } from '../system/daemon/process-table.js';
import { ServerControl } from '../system/daemon/server-control.js';
import { passwdEntryOf } from '../system/passwd.js';
import type { Tree } from '../system/tree.js';
import type { DaemonKind } from './daemon-kind.js';
import { CommandService } from './kinds/command-service.js';
import { DaemonService } from './kinds/daemon-service.js';
import { namesOneOf, PanelService } from './kinds/panel-service.js';
import { SERVICE_KINDS } from './service-kinds.js';

/** What there is of a service on this server. */
export type ServiceDetection =
  | {
      readonly state: 'found';
      /** Those that serve its certificate: one, or the web servers of a panel. */
      readonly servers: readonly WebServer[];
      /** The lock under which its certificate is installed: a panel shares that of the web servers. */
      readonly lockName: string;
    }
  /** `why`: one clause. */
  | { readonly state: 'absent'; readonly why: string };

export interface DetectionParts {
  readonly tree: Tree;
  readonly hostname: DomainName;
  /** The files in which the service's daemon may find its certificate. */
  readonly files: readonly string[];
  /** The web servers of this machine, one of which may serve the panel. */
  readonly webServers: () => readonly WebServer[];
}

/**
 * The daemon behind a service. `auto`: the one that runs, else the one that is installed and configured; none in a private
 * tree, so that no test or demo touches the machine's own. One that the settings name is there also while it does not run.
 */
export async function detectService(
  service: ServiceName,
  settings: ServiceSettings,
  parts: DetectionParts,
): Promise<ServiceDetection> {
  const found = (...servers: readonly WebServer[]): ServiceDetection => ({
    state: 'found',
    servers,
    lockName: `install:${service}`,
  });
  if (settings.kind === 'none') return absent(`services.${service}.kind is “none”`);
  if (settings.kind === 'command') return found(new CommandService(service, settings, parts.hostname));
  if (service === 'cpanel') return await detectPanel(settings, parts);
  const kinds = SERVICE_KINDS[service];
  const named = kinds.find(({ kind }) => kind === settings.kind);
  if (named !== undefined)
    return found(serviceOf(service, named, settings, parts, findMaster(finderOf(named, settings))));
  if (parts.tree.isPrivate)
    return absent(`in a private tree it is there only when services.${service}.kind names it`);
  for (const kind of kinds) {
    const master = findMaster(finderOf(kind, settings));
    if (master !== undefined) return found(serviceOf(service, kind, settings, parts, master));
  }
  const installed = kinds.find(isInstalled);
  if (installed !== undefined) return found(serviceOf(service, installed, settings, parts, undefined));
  return absent(`not installed: ${kinds.map(({ title }) => title).join(', ')}`);
}

async function detectPanel(settings: ServiceSettings, parts: DetectionParts): Promise<ServiceDetection> {
  const files = new Set(parts.files);
  // Whoever cannot be asked is believed to serve the certificate that there is, or that it misses.
  const hasCertificate = parts.files.some((path) => existsSync(path));
  const servers: WebServer[] = [];
  for (const server of parts.webServers()) {
    const sites = await server.readSites();
    const isIt =
      'fault' in sites
        ? hasCertificate || parts.files.some((path) => sites.fault.includes(path))
        : sites.some((site) => namesOneOf(site, files));
    if (!isIt) continue;
    servers.push(
      new PanelService({ server, hostname: parts.hostname, files, endpoints: settings.endpoints }),
    );
  }
  return servers.length === 0
    ? absent('no site of a web server names its certificate')
    : { state: 'found', servers, lockName: 'install:web' };
}

function absent(why: string): ServiceDetection {
  return { state: 'absent', why };
}

function isInstalled({ usualPaths, configurations }: DaemonKind): boolean {
  return [usualPaths, configurations].every((paths) => paths.some((path) => existsSync(path)));
}

function finderOf(kind: DaemonKind, settings: ServiceSettings): MasterFinder {
  const own = settings.program === null ? [] : [basename(settings.program)];
  const wanted = settings.arguments.join('\0');
  return {
    programs: [...own, ...kind.programs],
    pidFile: settings.pidFile,
    accepts: (master) => {
      if (!kind.isMain(master) || !isTrustedProgram(master.program)) return false;
      const given = kind.argumentsOf(master).join('\0');
      // Daemons that write over their arguments can only be told apart by a pid file.
      return settings.arguments.length === 0 || given === wanted || isTitle(master.commandLine);
    },
    isOwner: (uid) => uid === process.getuid?.() || uidsOf(kind.users).includes(uid),
  };
}

/** What a daemon wrote over its arguments: `proftpd: (accepting connections)`, `pure-ftpd (SERVER)`. */
function isTitle([first = '', ...others]: readonly string[]): boolean {
  return others.length === 0 && (first === '' || /[ :(]/.test(first));
}

function serviceOf(
  service: ServiceName,
  kind: DaemonKind,
  settings: ServiceSettings,
  { hostname, tree, files }: DetectionParts,
  master: MasterProcess | undefined,
): DaemonService {
  const path =
    settings.program ??
    master?.program ??
    kind.usualPaths.find((one) => existsSync(one)) ??
    kind.programs[0] ??
    '';
  const environment = Object.entries(master?.environment ?? {}).filter(([name]) =>
    kind.variables.includes(name),
  );
  const script = join('/etc/init.d', kind.initScript);
  return new DaemonService({
    service,
    hostname,
    kind,
    control: new ServerControl(
      finderOf(kind, settings),
      { path, environment: Object.fromEntries(environment), unit: master?.unit ?? null },
      settings.timeoutMs,
    ),
    arguments:
      settings.arguments.length > 0 || master === undefined ? settings.arguments : kind.argumentsOf(master),
    settings,
    // `combined` is root's alone whatever the settings say.
    ownFiles: new Set(files.filter((file) => basename(file) !== 'combined')),
    // The script starts the machine's own, not one that somebody named.
    initScript: !tree.isPrivate && settings.kind === 'auto' && isTrustedProgram(script) ? script : null,
  });
}

function uidsOf(users: readonly string[]): readonly number[] {
  if (users.length === 0) return [];
  const passwd = readFileSync('/etc/passwd', 'utf8');
  return users.flatMap((name) => passwdEntryOf(passwd, name)?.uid ?? []);
}
