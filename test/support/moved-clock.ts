import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ProgramResult } from '../demo/program.js';
import { programPath } from './parts.js';

/**
 * Runs a program of bin/ on a tree with its clock so many minutes ahead (libfaketime; part `faketime`). Its timers run
 * as ever, and what it reads of files is not moved.
 */
export function runBinLater(
  minutes: number,
  name: string,
  words: readonly string[],
  root: string,
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const node = [process.execPath, join(process.cwd(), 'bin', name), ...words];
    const child = spawn(programPath('faketime'), ['-m', '-f', `+${minutes}m`, ...node], {
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: '/',
        AUTOSSL_ROOT: root,
        NO_FAKE_STAT: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
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
