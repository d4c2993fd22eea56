import type { ServerCheck, ServerLiveness } from '../../core/plan/install-liveness.js';
import type { WebServer, WebServerSettings } from '../../runs/ports.js';
import { commandFault } from '../system/daemon/server-output.js';
import { runCommand } from '../system/exec.js';

/** Any other server, by the administrator's commands alone: nothing is known of its sites and its process. */
export class CommandServer implements WebServer {
  readonly kind = 'command';
  readonly #settings: WebServerSettings;

  constructor(settings: WebServerSettings) {
    this.#settings = settings;
  }

  describe(): string {
    return 'the web server';
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
      return { ok: false, why: 'no command is set that starts it (webServer.startCommand)' };
    return await this.#check(startCommand);
  }

  async readSites(): Promise<readonly []> {
    return [];
  }

  /** A command that is not set succeeds. */
  async #check(argv: readonly string[] | null): Promise<ServerCheck> {
    if (argv === null) return { ok: true };
    const { timeoutMs } = this.#settings;
    const why = commandFault(argv, await runCommand(argv, { timeoutMs }), timeoutMs);
    return why === undefined ? { ok: true } : { ok: false, why };
  }
}
