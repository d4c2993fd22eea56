import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ProgramResult } from '../demo/program.js';

const repository = process.cwd();

export interface ProgramEnd extends ProgramResult {
  readonly durationMs: number;
}

/** A running program of bin/, leader of a process group of its own, as under cron or in a shell. */
export interface StartedProgram {
  readonly pid: number;
  readonly ended: Promise<ProgramEnd>;
  readonly hasEnded: boolean;
  /** To every process of its group. */
  signal(name: NodeJS.Signals): void;
}

/** A module that is loaded before the program, and what it finds in its environment. */
export interface Hooked {
  readonly hook: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts a program of bin/ on a tree, in an environment with nothing of ours. */
export function startBin(
  name: string,
  words: readonly string[],
  root: string,
  hooked?: Hooked,
): StartedProgram {
  const startedAt = Date.now();
  const before = hooked === undefined ? [] : ['--import', hooked.hook];
  const child = spawn(process.execPath, [...before, join(repository, 'bin', name), ...words], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/', AUTOSSL_ROOT: root, ...hooked?.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  let hasEnded = false;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => {
      hasEnded = true;
    });
    child.on('close', (exitCode) =>
      resolve({ exitCode, stdout, stderr, durationMs: Date.now() - startedAt }),
    );
  });
  return {
    pid: child.pid ?? 0,
    ended,
    get hasEnded() {
      return hasEnded;
    },
    signal: (signalName) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signalName);
      } catch {
        // It ended by itself meanwhile.
      }
    },
  };
}
