import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readRunLog } from '../../../src/adapters/journal/log-reading.js';
import { buildChildProgram } from '../../support/child-program.js';
import { scratchTree } from '../../support/scratch.js';

let script: string;
let scratch: ReturnType<typeof scratchTree>;
beforeAll(async () => {
  script = await buildChildProgram('logger');
});
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());

const parses = (line: string): boolean => {
  try {
    return JSON.parse(line).code === 'X';
  } catch {
    return false;
  }
};

test('a disk that takes no more does not stop the run: what was written stays readable, closing says what was lost', async () => {
  const limited = `trap '' XFSZ; ulimit -f 300; exec "$0" "$@"`;
  const output = execFileSync('/bin/sh', ['-c', limited, process.execPath, script, scratch.root, '5000'], {
    encoding: 'utf8',
  });
  const [startedAt = '', code] = output.split(' ');
  expect(code).toBe('WRITE_FAILED');
  expect(output).toMatch(/\d+ lines of the log “.*” could not be written/);
  const lines = ((await readRunLog(scratch.tree, startedAt, 'json')) ?? '')
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.filter(parses).length).toBeGreaterThan(500);
  expect(lines.filter((line) => !parses(line)).length).toBeLessThanOrEqual(1);
});

test('runs that begin in the same second each have a log of their own, whole', async () => {
  const run = promisify(execFile);
  const runs = await Promise.all([1, 2, 3].map(() => run(process.execPath, [script, scratch.root, '300'])));
  const logs = runs.map(({ stdout }) => stdout.split(' ')[0] ?? '');
  expect(new Set(logs).size).toBe(3);
  for (const name of logs) {
    const lines = ((await readRunLog(scratch.tree, name, 'json')) ?? '').split('\n');
    expect(lines.filter(parses)).toHaveLength(300);
  }
});
