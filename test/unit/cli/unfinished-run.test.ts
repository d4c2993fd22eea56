import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';

/** Where programs are run by commander's grammar, and by one of their own. */
const IMPORTS = `import { Command } from 'commander';
import { runToExitCode } from './src/cli/program-end.ts';
import { runProgram } from './src/cli/run-program.ts';`;

/** Starts a program that is made of these lines. */
function started(lines: string): { status: number | null; stderr: string } {
  const { outputFiles } = buildSync({
    stdin: { contents: lines, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
  });
  const { status, stderr } = spawnSync(process.execPath, ['-'], {
    input: outputFiles[0]?.text ?? '',
    encoding: 'utf8',
  });
  return { status, stderr };
}

test.each<[string, string, number, RegExp]>([
  ['a run that comes to its end', "runToExitCode('x', async () => 0)", 0, /^$/],
  ['a run that fails', "runToExitCode('x', async () => 1)", 1, /^$/],
  [
    'a run that waits for what never comes',
    "runToExitCode('x', () => new Promise(() => {}))",
    3,
    /^x: ended in the middle of its work/,
  ],
  [
    'a command that waits for what never comes',
    "runProgram(new Command('x').action(() => new Promise(() => {})), ['node', 'x'])",
    3,
    /^x: ended in the middle of its work/,
  ],
  ['a run that ends the process itself', "runToExitCode('x', async () => { process.exit(130); })", 130, /^$/],
])('%s', (_, call, status, stderr) => {
  expect(started(`${IMPORTS}\nvoid ${call};`)).toEqual({ status, stderr: expect.stringMatching(stderr) });
});
