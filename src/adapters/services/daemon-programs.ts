import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';
import { commandFault } from '../system/daemon/server-output.js';
import { runCommand } from '../system/exec.js';
import type { DaemonInvocation } from './daemon-kind.js';

/** Folders in which a daemon's other programs lie, seen from that of its main one. */
const BESIDE = ['.', '../bin', '../sbin', '../../../sbin'];

/** Another program of the same installation: beside the daemon's own, else by its name alone. */
export function programBeside({ control }: DaemonInvocation, name: string): string {
  const { path } = control.program;
  const found = path.startsWith('/')
    ? BESIDE.map((folder) => join(dirname(path), folder, name)).find((candidate) => existsSync(candidate))
    : undefined;
  return found ?? name;
}

/** What a program of the daemon prints; a fault when it does not succeed. */
export async function outputOf(
  { control }: DaemonInvocation,
  argv: readonly string[],
): Promise<string | { readonly fault: string }> {
  const { timeoutMs } = control;
  const { environment } = control.program;
  const result = await runCommand(argv, {
    timeoutMs,
    environment,
    cwd: '/',
    maxOutputBytes: MAX_OUTPUT_BYTES,
  });
  const fault = commandFault(argv, { ...result, stdout: '' }, timeoutMs);
  return fault === undefined ? result.stdout : { fault };
}

/** Whether a program of the daemon succeeds. */
export async function checkBy(invocation: DaemonInvocation, argv: readonly string[]): Promise<ServerCheck> {
  const output = await outputOf(invocation, argv);
  return typeof output === 'string' ? { ok: true } : { ok: false, why: output.fault };
}

/** The value behind an option of an argument list: `-c FILE`, `-cFILE`, `--config=FILE`. */
export function optionIn(words: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    for (const name of names) {
      if (word === name) return words[index + 1];
      if (name.startsWith('--') && word.startsWith(`${name}=`)) return word.slice(name.length + 1);
      if (!name.startsWith('--') && word.startsWith(name) && word.length > name.length)
        return word.slice(name.length);
    }
  }
  return undefined;
}

/** Settings of thousands of names. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
