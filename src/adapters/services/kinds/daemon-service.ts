import type { ServerCheck, ServerLiveness } from '../../../core/plan/install/install-liveness.js';
import type { ServerSite, SiteListen } from '../../../core/plan/served/server-site.js';
import type { ConfigurationAdvice } from '../../../core/sni/configuration-lines.js';
import type { WebServer } from '../../../runs/ports/installation.js';
import type { ServiceProgramKind } from '../../../runs/ports/settings.js';
import { listeningSocketsOf } from '../../system/daemon/listening-sockets.js';
import { faultOfPair } from '../../system/daemon/site-pairs.js';
import type { DaemonInvocation, DaemonServiceParts, DaemonTls, Taking } from '../daemon-kind.js';
import { optionIn } from '../daemon-programs.js';
import { DaemonRestart, restartFault } from '../daemon-restart.js';
import { hangUp } from '../hang-up.js';
import { endpointListens, listenOf, serviceSite } from '../service-site.js';

/** One of the server's own services, by the daemon behind it. */
export class DaemonService implements WebServer {
  readonly kind = 'service';
  readonly #parts: DaemonServiceParts;
  readonly #restart: DaemonRestart;
  /** As read last; what it does with a new certificate rests on it. */
  #taking: Taking | undefined;

  constructor(parts: DaemonServiceParts) {
    this.#parts = parts;
    this.#restart = new DaemonRestart(parts);
  }

  /** Which daemon it is, and how its programs are called. */
  get daemon(): DaemonInvocation & { readonly kind: ServiceProgramKind; readonly title: string } {
    const { kind, control, arguments: words } = this.#parts;
    return { kind: kind.kind, title: kind.title, control, arguments: words };
  }

  describe(): string {
    const { kind, arguments: words } = this.#parts;
    const file =
      optionIn(words, '-C', '-c') ?? words.find((word, index) => index === 0 && word.startsWith('/'));
    return file === undefined ? kind.title : `${kind.title} (${file})`;
  }

  /**
   * The daemon's own test, or that of the settings; and since none of them loads key and certificate: whether these belong
   * together. A daemon that must be restarted and that nobody knows how to start does not pass.
   */
  async testConfig(): Promise<ServerCheck> {
    const { kind, settings, control } = this.#parts;
    if (settings.testCommand !== null) {
      const why = await control.fault(settings.testCommand);
      if (why !== undefined) return { ok: false, why };
    } else if (kind.test !== null) {
      const check = await kind.test(this.#parts);
      if (!check.ok) return check;
    }
    const tls = await this.#readTls();
    if ('fault' in tls) return { ok: false, why: tls.fault };
    for (const pair of tls.certificates) {
      const why = pair.isVariable ? undefined : faultOfPair(pair);
      if (why !== undefined) return { ok: false, why };
    }
    const why = tls.taking === 'restart' ? restartFault(this.#parts) : undefined;
    return why === undefined ? { ok: true } : { ok: false, why };
  }

  async reload(): Promise<ServerCheck> {
    const { control, settings } = this.#parts;
    if (settings.reloadCommand !== null) return await this.#restart.by(settings.reloadCommand);
    const taking = await this.#readTaking();
    switch (taking) {
      case 'by itself':
        return { ok: true };
      case 'restart':
        return await this.#restart.restart();
      case 'signal':
        return await hangUp(control, { awaitsNewSockets: false });
      case 'signal and new sockets':
        return await hangUp(control, { awaitsNewSockets: true });
      default:
        return await this.#restart.by(taking.command);
    }
  }

  /** Which process it is says nothing where a new certificate is taken by a restart. */
  async liveness(): Promise<ServerLiveness> {
    const { control, settings } = this.#parts;
    const seen = control.liveness();
    const mayChange = settings.reloadCommand !== null || (await this.#readTaking()) === 'restart';
    return mayChange ? { ...seen, masterPid: null, startToken: null } : seen;
  }

  async start(): Promise<ServerCheck> {
    return await this.#restart.start();
  }

  async restart(): Promise<ServerCheck> {
    return await this.#restart.restartOrReload();
  }

  async advice(): Promise<readonly ConfigurationAdvice[]> {
    return (await this.#parts.kind.advise?.(this.#parts)) ?? [];
  }

  /** One site that answers every name, where the daemon listens with TLS (or where the settings say). */
  async readSites(): Promise<readonly ServerSite[] | { readonly fault: string }> {
    const { settings, hostname } = this.#parts;
    const tls = await this.#readTls();
    if ('fault' in tls && settings.endpoints === null) return tls;
    const known = 'fault' in tls ? { certificates: [], file: this.describe() } : tls;
    const listens = settings.endpoints === null ? this.#listens(tls) : endpointListens(settings.endpoints);
    return 'fault' in listens ? listens : [serviceSite(hostname, listens, known.certificates, known.file)];
  }

  #listens(tls: DaemonTls | { readonly fault: string }): readonly SiteListen[] | { readonly fault: string } {
    const master = this.#parts.control.master();
    if (master === undefined || 'fault' in tls) return [];
    const sockets = listeningSocketsOf(master.pid);
    if (sockets === null) return { fault: `the sockets of ${this.#parts.kind.title} cannot be seen` };
    return sockets.flatMap((socket) => {
      const [, address = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(socket) ?? [];
      const begins = tls.beginsAt(Number(port));
      return begins === null ? [] : [listenOf(address, Number(port), begins)];
    });
  }

  async #readTls(): Promise<DaemonTls | { readonly fault: string }> {
    const tls = await this.#parts.kind.readTls(this.#parts);
    if (!('fault' in tls)) this.#taking = tls.taking;
    return tls;
  }

  /** A daemon whose configuration cannot be read is asked in the gentlest way. */
  async #readTaking(): Promise<Taking> {
    if (this.#taking === undefined) await this.#readTls();
    return this.#taking ?? 'by itself';
  }
}
