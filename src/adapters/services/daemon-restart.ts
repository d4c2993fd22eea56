import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';
import { commandFault } from '../system/daemon/server-output.js';
import { runCommand } from '../system/exec.js';
import type { DaemonServiceParts } from './daemon-kind.js';

const LOOK_EVERY_MS = 20;
/** A daemon that does not end within this time after SIGTERM hangs. */
const STOP_PATIENCE_MS = 10_000;
/** A daemon that does not listen by then did not start. */
const LISTEN_PATIENCE_MS = 10_000;
const SYSTEMD = '/run/systemd/system';

type Parts = Pick<
  DaemonServiceParts,
  'kind' | 'control' | 'arguments' | 'settings' | 'service' | 'initScript'
>;

/** Why a daemon that must be restarted cannot be; undefined when somebody knows how to start it. */
export function restartFault(parts: Parts): string | undefined {
  return parts.settings.reloadCommand === null ? startFault(parts) : undefined;
}

/** Why a daemon that ended could not be started; undefined when somebody knows how. */
function startFault(parts: Parts): string | undefined {
  const { settings, kind, service } = parts;
  if (settings.startCommand !== null || startCommandOf(parts) !== null) return undefined;
  return `nobody knows how to start ${kind.title} again: say it in services.${service}.startCommand`;
}

/** How a daemon is stopped and started, so that it reads its certificate. */
export class DaemonRestart {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** By a command that knows how; until it listens where it did. */
  async by(argv: readonly string[]): Promise<ServerCheck> {
    const listened = this.#listening();
    const why = await this.#fault(argv);
    return why === undefined ? await this.#awaitListening(listened) : { ok: false, why };
  }

  /** As `restart`, where somebody knows how it is started; else by the command that makes it take what is new. */
  async restartOrReload(): Promise<ServerCheck> {
    const { reloadCommand } = this.#parts.settings;
    const why = startFault(this.#parts);
    if (why === undefined) return await this.restart();
    return reloadCommand === null ? { ok: false, why } : await this.by(reloadCommand);
  }

  /** By its unit, else by ending its main process, which sessions outlive, and starting it. */
  async restart(): Promise<ServerCheck> {
    const { control } = this.#parts;
    const master = control.master();
    if (master === undefined) return { ok: false, why: 'it does not run' };
    if (master.unit !== null && existsSync(SYSTEMD))
      return await this.by(['systemctl', 'restart', master.unit]);
    const listened = this.#listening();
    try {
      process.kill(master.pid, 'SIGTERM');
    } catch (error) {
      return { ok: false, why: `it cannot be signalled: ${reasonOf(error)}` };
    }
    const isGone = await within(STOP_PATIENCE_MS, () => control.master()?.startToken !== master.startToken);
    if (!isGone) return { ok: false, why: `it (pid ${master.pid}) does not end` };
    const start = await this.start();
    return start.ok ? await this.#awaitListening(listened) : start;
  }

  /** Ok also when it runs already. */
  async start(): Promise<ServerCheck> {
    const { control, settings } = this.#parts;
    if (control.master() !== undefined) return { ok: true };
    const own = startCommandOf(this.#parts);
    const command = settings.startCommand ?? own;
    if (command === null)
      return { ok: false, why: restartFault(this.#parts) ?? 'nobody knows how to start it' };
    const why = await this.#fault(command);
    if (why !== undefined) return { ok: false, why };
    return (await within(LISTEN_PATIENCE_MS, () => control.liveness().isListening === true))
      ? { ok: true }
      : { ok: false, why: 'it was started and does not listen' };
  }

  async #awaitListening(sockets: readonly string[]): Promise<ServerCheck> {
    const { control } = this.#parts;
    const isBack = await within(LISTEN_PATIENCE_MS, () => {
      const { isAlive, listening } = control.liveness();
      return isAlive === true && sockets.every((socket) => listening?.includes(socket) ?? true);
    });
    return isBack ? { ok: true } : { ok: false, why: 'it does not listen where it did' };
  }

  #listening(): readonly string[] {
    return this.#parts.control.liveness().listening ?? [];
  }

  async #fault(argv: readonly string[]): Promise<string | undefined> {
    const { timeoutMs } = this.#parts.settings;
    const { environment } = this.#parts.control.program;
    return commandFault(argv, await runCommand(argv, { timeoutMs, environment, cwd: '/' }), timeoutMs);
  }
}

/** By its unit, its own program where its arguments are known, or its script; null when none can. */
function startCommandOf(parts: Parts): readonly string[] | null {
  const { control, kind, initScript } = parts;
  const { unit } = control.program;
  if (unit !== null && existsSync(SYSTEMD)) return ['systemctl', 'start', unit];
  const own = kind.startCommand(parts);
  if (own !== null) return own;
  return initScript === null ? null : [initScript, 'start'];
}

async function within(patienceMs: number, isDone: () => boolean): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (!isDone()) {
    if (performance.now() > deadline) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
}
