import { setTimeout as pause } from 'node:timers/promises';
import type { ServerCheck, ServerLiveness } from '../../../core/plan/install/install-liveness.js';
import { type CommandResult, runCommand } from '../exec.js';
import { isThere } from '../files/files.js';
import { listeningSocketsOf } from './listening-sockets.js';
import { findMaster, type MasterFinder } from './master-finder.js';
import type { MasterProcess } from './process-table.js';
import { commandFault } from './server-output.js';

/** What an administrator said about a server instead of its usual ways. */
export interface ServerCommands {
  readonly test: readonly string[] | null;
  readonly reload: readonly string[] | null;
  readonly start: readonly string[] | null;
}

/** Where and how a server's program is run. */
export interface ServerProgram {
  /** Absolute path, or a name to look up. */
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The systemd unit that starts it; null without. */
  readonly unit: string | null;
}

/** A configuration dump of ten thousand websites. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** A server that is not there by then did not start. */
const START_PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 20;
/** Of a service manager or a caller; no server's configuration rests on them. */
const NOT_INHERITED =
  /^(?:LD_.*|NOTIFY_SOCKET|LISTEN_.*|INVOCATION_ID|JOURNAL_STREAM|MAINPID|WATCHDOG_.*|PATH|LANG|LC_.*|HOME|PWD|OLDPWD|TERM|_)$/;

/** The part of a running server's environment that its configuration may name. */
export function inheritedEnvironment(
  environment: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !NOT_INHERITED.test(name)));
}

/** What nginx and Apache have in common: a program to run, a main process to look at. */
export class ServerControl {
  readonly finder: MasterFinder;
  readonly program: ServerProgram;
  readonly timeoutMs: number;

  constructor(finder: MasterFinder, program: ServerProgram, timeoutMs: number) {
    this.finder = finder;
    this.program = program;
    this.timeoutMs = timeoutMs;
  }

  master(): MasterProcess | undefined {
    return findMaster(this.finder);
  }

  /** Runs the server's own program. */
  async run(args: readonly string[]): Promise<CommandResult> {
    const { path, environment } = this.program;
    return await runCommand([path, ...args], {
      timeoutMs: this.timeoutMs,
      environment,
      cwd: '/',
      maxOutputBytes: MAX_OUTPUT_BYTES,
    });
  }

  /** Runs a configured command; what went wrong, or undefined. */
  async fault(argv: readonly string[]): Promise<string | undefined> {
    return commandFault(argv, await runCommand(argv, { timeoutMs: this.timeoutMs }), this.timeoutMs);
  }

  liveness(): ServerLiveness {
    const master = this.master();
    const listening = master === undefined ? [] : listeningSocketsOf(master.pid);
    return {
      isAlive: master !== undefined,
      masterPid: master?.pid ?? null,
      startToken: master?.startToken ?? null,
      listening,
      isListening: listening === null ? null : listening.length > 0,
    };
  }

  /** By the configured command, its systemd unit or its own program, until it listens. */
  async start(command: readonly string[] | null, ownArguments: readonly string[]): Promise<ServerCheck> {
    if (this.master() !== undefined) return { ok: true };
    const why = await this.#startFault(command, ownArguments);
    if (why !== undefined) return { ok: false, why };
    const deadline = performance.now() + START_PATIENCE_MS;
    while (this.liveness().isListening === false || this.master() === undefined) {
      if (performance.now() > deadline) return { ok: false, why: 'it was started and does not listen' };
      await pause(LOOK_EVERY_MS);
    }
    return { ok: true };
  }

  async #startFault(
    command: readonly string[] | null,
    ownArguments: readonly string[],
  ): Promise<string | undefined> {
    if (command !== null) return await this.fault(command);
    const { unit, path } = this.program;
    if (unit !== null && (await isThere('/run/systemd/system'))) {
      return await this.fault(['systemctl', 'start', unit]);
    }
    return commandFault([path, ...ownArguments], await this.run(ownArguments), this.timeoutMs);
  }
}
