import type { DomainName } from '../../core/domain/names.js';
import type { ServiceName } from '../../core/domain/service-name.js';
import type { ServerCheck, ServerLiveness } from '../../core/plan/install-liveness.js';
import type { ServerSite } from '../../core/plan/server-site.js';
import type { ServiceSettings, WebServer } from '../../runs/ports.js';
import { commandFault } from '../system/daemon/server-output.js';
import { runCommand } from '../system/exec.js';
import { endpointListens, serviceSite } from './service-site.js';

/** A service by the administrator's commands alone: HAProxy, a panel's daemon. It is asked where the settings say. */
export class CommandService implements WebServer {
  readonly kind = 'service';
  readonly #service: ServiceName;
  readonly #settings: ServiceSettings;
  readonly #hostname: DomainName;

  constructor(service: ServiceName, settings: ServiceSettings, hostname: DomainName) {
    this.#service = service;
    this.#settings = settings;
    this.#hostname = hostname;
  }

  describe(): string {
    return `the service ${this.#service}`;
  }

  async testConfig(): Promise<ServerCheck> {
    return await this.#check(this.#settings.testCommand);
  }

  async reload(): Promise<ServerCheck> {
    return await this.#check(this.#settings.reloadCommand);
  }

  async liveness(): Promise<ServerLiveness> {
    const { aliveCommand } = this.#settings;
    const isAlive = aliveCommand === null ? null : (await this.#check(aliveCommand)).ok;
    return { isAlive, masterPid: null, startToken: null, listening: null, isListening: null };
  }

  async start(): Promise<ServerCheck> {
    const { startCommand } = this.#settings;
    if (startCommand === null)
      return { ok: false, why: `no command is set that starts it (services.${this.#service}.startCommand)` };
    return await this.#check(startCommand);
  }

  async readSites(): Promise<readonly ServerSite[] | { readonly fault: string }> {
    const { endpoints } = this.#settings;
    if (endpoints === null)
      return { fault: `nobody says where it answers (services.${this.#service}.endpoints)` };
    return [serviceSite(this.#hostname, endpointListens(endpoints), [], this.describe())];
  }

  /** A command that is not set succeeds. */
  async #check(argv: readonly string[] | null): Promise<ServerCheck> {
    if (argv === null) return { ok: true };
    const { timeoutMs } = this.#settings;
    const why = commandFault(argv, await runCommand(argv, { timeoutMs }), timeoutMs);
    return why === undefined ? { ok: true } : { ok: false, why };
  }
}
