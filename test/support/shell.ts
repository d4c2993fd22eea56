import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramResult } from '../demo/program.js';

const repository = process.cwd();
/** The user nobody: owns nothing. */
const NOBODY_UID = 65_534;

/** Runs a shell script in which the programs of bin/ are commands by their name (`autossl …`), on a tree. */
export function runShell(script: string, environment: NodeJS.ProcessEnv): ProgramResult {
  const commands = ['autossl', 'autossl_check']
    .map((name) => `${name}() { "$NODE" "${join(repository, 'bin', name)}" "$@"; }`)
    .join('\n');
  const ended = spawnSync('/bin/sh', ['-c', `${commands}\n${script}`], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/', NODE: process.execPath, ...environment },
    encoding: 'utf8',
  });
  return { exitCode: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

/** Runs a program of bin/ as a user without rights (who may not be able to read the repository). */
export function runAsNobody(
  name: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): ProgramResult {
  const folder = mkdtempSync(join(tmpdir(), 'autossl-programs-'));
  try {
    for (const part of ['bin', 'dist'])
      cpSync(join(repository, part), join(folder, part), { recursive: true });
    cpSync(join(repository, 'package.json'), join(folder, 'package.json'));
    spawnSync('chmod', ['-R', 'go+rX', folder]);
    const isRoot = process.getuid?.() === 0;
    const ended = spawnSync(process.execPath, [join(folder, 'bin', name), ...words], {
      env: { PATH: process.env['PATH'] ?? '', HOME: '/', ...environment },
      cwd: '/',
      encoding: 'utf8',
      ...(isRoot ? { uid: NOBODY_UID, gid: NOBODY_UID } : {}),
    });
    return { exitCode: ended.status, stdout: ended.stdout, stderr: ended.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
