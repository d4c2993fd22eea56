import type { ServerCheck, ServerLiveness } from '../../../core/plan/install/install-liveness.js';
import type { WebServerSettings } from '../../../runs/ports/settings.js';
import { runCommand } from '../exec.js';
import { commandFault } from './server-output.js';

/** What is set of a daemon that is known by the administrator's commands alone. */
export type DaemonCommandSettings = Pick<
  WebServerSettings,
  'testCommand' | 'reloadCommand' | 'startCommand' | 'aliveCommand' | 'timeoutMs'
>;

/** A daemon by these commands: nothing is known of its process. */
export class DaemonCommands {
  readonly #settings: DaemonCommandSettings;
  readonly #startSetting: string;

  /** `startSetting`: what the administrator calls the command that starts it. */
  constructor(settings: DaemonCommandSettings, startSetting: string) {
    this.#settings = settings;
    this.#startSetting = startSetting;
  }

  testConfig(): Promise<ServerCheck> {
    return this.#check(this.#settings.testCommand);
  }

  reload(): Promise<ServerCheck> {
    return this.#check(this.#settings.reloadCommand);
  }

  async liveness(): Promise<ServerLiveness> {
    const { aliveCommand } = this.#settings;
    const isAlive = aliveCommand === null ? null : (await this.#check(aliveCommand)).ok;
    return { isAlive, masterPid: null, startToken: null, listening: null, isListening: null };
  }

  async start(): Promise<ServerCheck> {
    const { startCommand } = this.#settings;
    if (startCommand !== null) return await this.#check(startCommand);
    return { ok: false, why: `no command is set that starts it (${this.#startSetting})` };
  }

  /** A command that is not set succeeds. */
  async #check(argv: readonly string[] | null): Promise<ServerCheck> {
    if (argv === null) return { ok: true };
    const { timeoutMs } = this.#settings;
    const why = commandFault(argv, await runCommand(argv, { timeoutMs }), timeoutMs);
    return why === undefined ? { ok: true } : { ok: false, why };
  }
}
