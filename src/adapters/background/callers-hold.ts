import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Of util-linux. */
const PRLIMIT = '/usr/bin/prlimit';
/** It makes a handful of system calls. */
const PRLIMIT_TIMEOUT_MS = 5_000;
/** Of the unified hierarchy: processes may always be moved to its root. */
const ROOT_CGROUP = '/sys/fs/cgroup/cgroup.procs';
/** What a terminal stops its programs by. */
const STOPPING = ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const;

/** Lines of /proc/PID/limits, and prlimit's options for them. */
const OPTIONS: readonly (readonly [line: string, option: string])[] = [
  ['Max cpu time', '--cpu'],
  ['Max file size', '--fsize'],
  ['Max data size', '--data'],
  ['Max stack size', '--stack'],
  ['Max core file size', '--core'],
  ['Max resident set', '--rss'],
  ['Max processes', '--nproc'],
  ['Max open files', '--nofile'],
  ['Max address space', '--as'],
];

/**
 * Takes this process, and so those that it starts, out of the hold of whoever had it started through sudo: limits and
 * priority become those of the first process, the caller's cgroup is left (a user may freeze or end what is in its own), and
 * its terminal stops nothing. Else a customer could stop root in the middle, with a lock held. Each as far as it works.
 */
export function shedCallersHold(): void {
  for (const name of STOPPING) process.on(name, () => undefined);
  for (const act of [takeLimits, () => setPriority(0), leaveCgroup]) {
    try {
      act();
    } catch {
      // A container's root may not; whatever is under way is safe to be killed at any point all the same.
    }
  }
}

function takeLimits(): void {
  // One by one: a limit that may not be raised keeps none of the others.
  for (const limit of limitsIn(readFileSync('/proc/1/limits', 'latin1'))) {
    spawnSync(PRLIMIT, ['--pid', String(process.pid), limit], {
      stdio: 'ignore',
      timeout: PRLIMIT_TIMEOUT_MS,
      // It may have been stopped from the caller's terminal: then nothing else ends it.
      killSignal: 'SIGKILL',
      env: {},
    });
  }
}

function leaveCgroup(): void {
  writeFileSync(ROOT_CGROUP, String(process.pid), { flag: 'r+' });
}

/** `Max open files   1024   524288   files` as `--nofile=1024:524288`. */
export function limitsIn(text: string): readonly string[] {
  return OPTIONS.flatMap(([line, option]) => {
    const found = new RegExp(`^${line} +(\\d+|unlimited) +(\\d+|unlimited)`, 'm').exec(text);
    return found === null ? [] : [`${option}=${found[1]}:${found[2]}`];
  });
}
