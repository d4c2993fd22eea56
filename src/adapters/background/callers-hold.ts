import { type SpawnOptions, type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Of util-linux. */
const PRLIMIT = '/usr/bin/prlimit';
const IONICE = '/usr/bin/ionice';
const CHRT = '/usr/bin/chrt';
/** Each makes a handful of system calls. */
const TIMEOUT_MS = 5_000;
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

/** From here on the caller's terminal stops this process no more. What it starts is stopped all the same, unless detached. */
export function ignoreCallersTerminal(): void {
  for (const name of STOPPING) process.on(name, () => undefined);
}

/**
 * Takes this process, and so those that it starts, out of the hold of whoever had it started through sudo: limits, priorities
 * (of processor and disks) and the place in the queue for the kernel's killer become those of an ordinary process of root's,
 * the caller's cgroup is left (a user may freeze or end what is in its own), and its terminal stops nothing. Else a customer
 * could stop root in the middle, or starve it there, with a lock held. Each as far as it works.
 */
export function shedCallersHold(): void {
  ignoreCallersTerminal();
  for (const act of [leaveCgroup, takeLimits, takePriorities, leaveKillersQueue]) {
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
    run(PRLIMIT, ['--pid', String(process.pid), limit]);
  }
}

/** The kernel keeps them thread by thread. */
function takePriorities(): void {
  const threads = readdirSync('/proc/self/task');
  run(CHRT, ['--all-tasks', '--other', '--pid', '0', String(process.pid)]);
  run(IONICE, ['--class', '0', '--pid', ...threads]);
  for (const thread of threads) setPriority(Number(thread), 0);
}

function leaveKillersQueue(): void {
  writeFileSync('/proc/self/oom_score_adj', '0', { flag: 'r+' });
}

function run(program: string, words: readonly string[]): void {
  const options: SpawnSyncOptions & Pick<SpawnOptions, 'detached'> = {
    stdio: 'ignore',
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    // In a session of its own: between fork and exec it could else be stopped from the caller's terminal, and we, who wait there
    // before any timeout begins, with it.
    detached: true,
    env: {},
  };
  spawnSync(program, words, options);
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
