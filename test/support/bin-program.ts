import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type ProgramResult, runProgram } from '../demo/program.js';

const repository = process.cwd();

/** Brings dist/, which bin/ imports, up to date; call it before the first program. */
export function buildPrograms(): void {
  const built = spawnSync(process.execPath, [join(repository, '.ci/build.mjs')], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the build failed: ${built.stderr}`);
}

/** Runs a program of bin/ on a tree to its end. */
export function runBin(name: string, words: readonly string[], root: string): Promise<ProgramResult> {
  return runProgram(join(repository, 'bin', name), words, root);
}
