import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import { buildChildProgram } from '../../support/child-program.js';

/** Each sheds limits, priorities and more: a handful of children each time, any of which could be stopped before it begins. */
const TIMES = 20;
const PATIENCE_MS = 60_000;
/** A shell with job control, as a customer's login has: its job is in a process group that ^Z stops. Lives until it is told. */
const LOGIN = 'set -m; "$@" & echo "$!"; read -r _';

test('^Z of the caller, whenever it comes, stops nothing that root waits for', async () => {
  const program = await buildChildProgram('hold-shedder');
  const login = spawn('bash', ['--norc', '-c', LOGIN, 'login', process.execPath, program, `${TIMES}`], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: login.stdout });
  reader.on('line', (line) => lines.push(line));
  const has = (line: string): boolean => lines.includes(line);
  const until = Date.now() + PATIENCE_MS;
  let job = 0;
  try {
    while (!has('done') && Date.now() < until) {
      job ||= Number(lines[0] ?? 0);
      // What a terminal does at ^Z, as often as there may be a child between fork and exec.
      if (has('begun')) for (let i = 0; i < 50; i += 1) stop(job);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(lines.slice(1)).toEqual(['begun', 'done']);
  } finally {
    endGroup(job);
    login.stdin.end();
    await once(login, 'close');
  }
}, 90_000);

function stop(group: number): void {
  try {
    process.kill(-group, 'SIGTSTP');
  } catch {
    // It has ended.
  }
}

function endGroup(group: number): void {
  if (group === 0) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
