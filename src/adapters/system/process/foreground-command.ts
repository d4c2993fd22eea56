import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { CommandEnd } from '../../../core/retry/outcome.js';
import type { CommandRunner } from '../../../runs/ports/jobs.js';

/** What tells a program to stop. */
const STOPPING = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const;

/**
 * Commands in the foreground: they print where we print, and their stdin is empty (in a job of at(1) it would be the rest
 * of the job's script). Each leads a process group of its own, to which stopping signals are passed on.
 */
export class ForegroundCommands implements CommandRunner {
  readonly #environment: Readonly<Record<string, string>>;

  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  run(argv: readonly string[]): Promise<CommandEnd> {
    const [file = '', ...args] = argv;
    return new Promise((resolve) => {
      let stoppedBy: CommandEnd['stoppedBy'] = null;
      const passOn = (name: NodeJS.Signals): void => {
        stoppedBy ??= signalOf(name);
        signalGroup(child, name);
      };
      const end = (outcome: Omit<CommandEnd, 'stoppedBy'>): void => {
        for (const name of STOPPING) process.off(name, passOn);
        resolve({ ...outcome, stoppedBy });
      };
      let child: ChildProcess | undefined;
      for (const name of STOPPING) process.on(name, passOn);
      try {
        child = spawn(file, args, {
          stdio: ['ignore', 'inherit', 'inherit'],
          detached: true,
          env: { ...this.#environment },
        });
      } catch (error) {
        end({ exitCode: null, signal: null, startFault: codeOf(error) });
        return;
      }
      child.once('error', (error) => end({ exitCode: null, signal: null, startFault: codeOf(error) }));
      child.once('exit', (exitCode, signal) =>
        end({ exitCode, signal: signal === null ? null : signalOf(signal), startFault: null }),
      );
    });
  }
}

const signalOf = (name: NodeJS.Signals) => ({ name, number: constants.signals[name] });

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

function signalGroup(child: ChildProcess | undefined, name: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended.
  }
}
