import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ProgramResult } from '../demo/program.js';

/**
 * Runs a program of bin/ on a tree behind mounts that a shell script made before, and that nobody else sees; `last`: what a
 * shell does there once it has ended.
 */
export function runBinBehind(
  mounts: string,
  name: string,
  words: readonly string[],
  root: string,
  last = ':',
): Promise<ProgramResult> {
  const program = [process.execPath, join(process.cwd(), 'bin', name), ...words];
  return new Promise((resolve, reject) => {
    const child = spawn(
      'unshare',
      ['--mount', 'sh', '-c', `${mounts} && { "$@"; code=$?; ${last}; exit $code; }`, 'sh', ...program],
      {
        env: { PATH: process.env['PATH'] ?? '', HOME: '/', AUTOSSL_ROOT: root },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      stdout += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      stderr += part;
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
