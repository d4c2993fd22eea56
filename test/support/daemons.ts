import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Slow machines under load: a daemon that is not ready by then is broken. */
const READY_TIMEOUT_MS = 120_000;
const READY_PAUSE_MS = 25;
/** A daemon that ignores SIGTERM this long is killed. */
const STOP_TIMEOUT_MS = 15_000;
const SETPRIV = '/usr/bin/setpriv';

/** A daemon in the foreground, a child of the test. */
export interface Daemon {
  readonly pid: number;
  /** Both of its streams so far. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts a daemon and waits until `isReady` says so (a real request, never a log line). It dies with the test process
 * where setpriv is there. @throws Error with the daemon's output when it ends or stays unready
 */
export async function startDaemon(
  command: string,
  args: readonly string[],
  options: {
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
    readonly isReady: () => Promise<boolean>;
  },
): Promise<Daemon> {
  const guarded = existsSync(SETPRIV)
    ? [SETPRIV, '--pdeathsig', 'TERM', command, ...args]
    : [command, ...args];
  const child = spawn(guarded[0] as string, guarded.slice(1), {
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  let failure: Error | undefined;
  child.on('error', (error) => {
    failure = error;
  });
  let unready = '';
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (failure !== undefined || hasEnded(child) || Date.now() > deadline) {
      await stopChild(child);
      throw new Error(`${command} did not start: ${failure?.message ?? output.slice(-2000)} ${unready}`);
    }
    const isReady = await options.isReady().catch((error: unknown) => {
      unready = String(error);
      return false;
    });
    if (isReady && !hasEnded(child)) break;
    await pause(READY_PAUSE_MS);
  }
  return { pid: child.pid ?? 0, output: () => output, stop: () => stopChild(child) };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(killer);
}
