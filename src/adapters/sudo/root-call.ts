import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where sudo lies; the caller's PATH is not asked. */
const SUDO_PLACES = ['/usr/bin/sudo', '/bin/sudo', '/usr/local/bin/sudo'];
/** Of what is said on stderr. */
const MAX_SAID = 64 * 1024;
/** What a shell says of a program that it cannot run. */
const CANNOT_RUN: readonly (number | null)[] = [126, 127];

/** What became of a call. */
export type RootCallEnd =
  /** It was answered: its exit code. What it printed was passed on. */
  | { readonly state: 'ended'; readonly exitCode: number; readonly said: string }
  /** sudo does not let us, or is not there. */
  | { readonly state: 'refused' }
  /** `why` is unescaped. */
  | { readonly state: 'broken'; readonly why: string };

/**
 * Runs `uapi-root` through sudo, which asks nothing. `onOutput` gets what it prints, piece by piece. Never throws for what
 * sudo or the program do.
 */
export function callAsRoot(
  program: string,
  words: readonly string[],
  onOutput: (piece: Buffer) => void,
): Promise<RootCallEnd> {
  const sudo = SUDO_PLACES.find((place) => existsSync(place));
  if (sudo === undefined) return Promise.resolve({ state: 'refused' });
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      child = spawn(sudo, ['-n', '--', program, ...words], {
        cwd: '/',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      });
    } catch (error) {
      resolve({ state: 'broken', why: (error as NodeJS.ErrnoException).code ?? 'unknown' });
      return;
    }
    let hasAnswered = false;
    let said = '';
    child.stdout?.on('data', (piece: Buffer) => {
      hasAnswered = true;
      onOutput(piece);
    });
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      said = (said + piece).slice(0, MAX_SAID);
    });
    child.once('error', (error) => resolve({ state: 'broken', why: error.message }));
    child.once('close', (exitCode, signal) => {
      // uapi-root answers on stdout whenever it ends with 0 or 1; sudo's own refusal is 1 and nothing.
      if (exitCode === 1 && !hasAnswered) resolve({ state: 'refused' });
      else if (CANNOT_RUN.includes(exitCode)) resolve({ state: 'broken', why: said.trim() });
      else if (exitCode === null) resolve({ state: 'broken', why: `ended by ${signal}` });
      else resolve({ state: 'ended', exitCode, said });
    });
  });
}
