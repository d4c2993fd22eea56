import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FileLockKeeper } from '../../../src/adapters/system/locks/locks.js';
import { ownIdentity } from '../../../src/adapters/system/process/process-identity.js';
import type { HeldLock } from '../../../src/runs/ports/locks.js';
import { buildChildProgram, Child } from '../../support/child-program.js';
import { scratchTree } from '../../support/scratch.js';

const NAME = 'website:*.example.com';
/** How long a lock is watched that only its age speaks against. */
const WATCH_MS = 500;
const TEN_YEARS_MS = 10 * 365 * 86_400_000;
let script: string;
let scratch: ReturnType<typeof scratchTree>;
let keeper: FileLockKeeper;
let children: Child[];

beforeAll(async () => {
  script = await buildChildProgram('lock-holder');
});
beforeEach(() => {
  scratch = scratchTree();
  keeper = new FileLockKeeper(scratch.tree, WATCH_MS);
  children = [];
});
afterEach(async () => {
  for (const child of children) await child.kill();
  scratch.remove();
});

async function child(): Promise<Child> {
  const made = new Child(script, [scratch.root, NAME]);
  children.push(made);
  expect(await made.line()).toBe('ready');
  return made;
}
async function holder(): Promise<Child> {
  const made = await child();
  made.say('try');
  expect(await made.line()).toBe('got it');
  return made;
}
async function take(): Promise<HeldLock> {
  const result = await keeper.tryAcquire(NAME, 'test');
  if ('heldBy' in result) throw new Error(`held by ${result.heldBy.pid}`);
  return result;
}
/** Makes the lock look as if nobody had refreshed it for ten minutes. */
function age(ms = -600_000): void {
  const past = new Date(Date.now() + ms);
  utimesSync(join(scratch.tree.locks(), 'website:_wildcard_.example.com.lock'), past, past);
}

describe('who looks at a lock', () => {
  test('learns who holds it, makes nothing, and breaks nothing', async () => {
    expect(keeper.holderOf(NAME)).toBeNull();
    expect(existsSync(scratch.tree.locks())).toBe(false);
    const first = await holder();
    expect(keeper.holderOf(NAME)).toMatchObject({ pid: first.process.pid, note: 'child' });
    expect(keeper.holderOf('run:alice')).toBeNull();
    const entries = readdirSync(scratch.tree.locks());
    await first.kill();
    expect(keeper.holderOf(NAME)).toBeNull();
    expect(readdirSync(scratch.tree.locks())).toEqual(entries);
  });
});

describe('a lock between processes', () => {
  test('names its holder to whoever comes second, and is free when released', async () => {
    const first = await holder();
    const second = await keeper.tryAcquire(NAME, 'test');
    expect(second).toEqual({
      heldBy: { pid: first.process.pid, startedAt: expect.stringMatching(/^20.*Z$/), note: 'child' },
    });
    first.say('release');
    expect(await first.line()).toBe('released');
    await (await take()).release();
    expect(readdirSync(scratch.tree.locks())).toEqual([]);
  });

  test('is taken over at once after kill -9', async () => {
    const first = await holder();
    await first.kill();
    const lock = await take();
    await lock.assertHeld();
    await lock.release();
  });

  test('is taken over at once from a zombie', async () => {
    // The shell never reaps: its child stays a zombie after the kill.
    const line = `(echo try; sleep 600) | "${process.execPath}" "${script}" "${scratch.root}" "${NAME}" & exec sleep 600`;
    const shell = spawn('/bin/sh', ['-c', line], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      // Only looked at once it is there: whoever tries the lock meanwhile takes it from the child, which tries once.
      let said = '';
      while (!said.includes('got it')) said += String((await once(shell.stdout, 'data'))[0]);
      const result = await keeper.tryAcquire(NAME, 'test');
      if (!('heldBy' in result)) throw new Error('the child does not hold its lock');
      const { pid } = result.heldBy;
      process.kill(pid, 'SIGKILL');
      while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await pause(5);
      await (await take()).release();
    } finally {
      if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
    }
  });

  test('is not taken from an owner that was stopped, however old it looks', async () => {
    const first = await holder();
    first.signal('SIGSTOP');
    age();
    const result = await keeper.tryAcquire(NAME, 'test');
    expect(result).toMatchObject({ heldBy: { pid: first.process.pid } });
    first.signal('SIGCONT');
    first.say('assert');
    expect(await first.line()).toBe('mine');
  });

  test('lets three processes through one at a time', async () => {
    writeFileSync(join(scratch.root, 'counter'), '0');
    const all = await Promise.all([child(), child(), child()]);
    for (const one of all) one.say('count');
    for (const one of all) expect(await one.line()).toBe('counted');
    expect(readFileSync(join(scratch.root, 'counter'), 'utf8')).toBe('60');
  });
});

describe('a lock that was left behind', () => {
  const path = (): string => join(scratch.tree.locks(), 'website:_wildcard_.example.com.lock');
  const leave = (identity: object): void => {
    mkdirSync(path(), { recursive: true });
    const owner = { identity, token: 'aa', startedAt: '2026-01-01T00:00:00Z', note: 'old' };
    writeFileSync(join(path(), 'aa.json'), JSON.stringify(owner));
  };
  const self = (): Record<string, unknown> => {
    const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
    return {
      pid: process.pid,
      startTicks: Number(fields[19]),
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
      pidNamespace: null,
    };
  };

  /** As a process of this very pid namespace names itself. */
  const here = () => ({ ...ownIdentity(), startTicks: ownIdentity().startTicks ?? 0 });

  test.each([
    ['by a process whose pid was given away', () => ({ ...here(), startTicks: here().startTicks + 1 }), true],
    ['by this very process', () => here(), false],
    ['by an earlier boot of the machine', () => ({ ...self(), bootId: '0-0' }), true],
    ['by a container that we cannot look into, just now', () => self(), false],
  ])('%s', async (_, identity, isFree) => {
    leave(identity());
    const result = await keeper.tryAcquire(NAME, 'test');
    expect(!('heldBy' in result)).toBe(isFree);
    if (!('heldBy' in result)) await result.release();
  });

  test.each([-TEN_YEARS_MS, TEN_YEARS_MS])('by this very process, the clock %d ms off: never', async (ms) => {
    leave(here());
    age(ms);
    expect(await keeper.tryAcquire(NAME, 'test')).toMatchObject({ heldBy: { pid: process.pid } });
  });

  test('by a container that we cannot look into, and the clock was put back since', async () => {
    leave(self());
    age(TEN_YEARS_MS);
    await (await take()).release();
  });

  test('and only looked so, because the clock jumped: its holder refreshes it', async () => {
    leave(self());
    age();
    let step = 0;
    const refreshing = setInterval(() => {
      step += 1;
      age(-600_000 + step);
    }, 10);
    try {
      expect(await keeper.tryAcquire(NAME, 'test')).toHaveProperty('heldBy');
    } finally {
      clearInterval(refreshing);
    }
  });

  test('by a container that we cannot look into, long ago', async () => {
    leave(self());
    age();
    await (await take()).release();
  });

  test('as an empty folder is free; with unreadable contents only when it is old', async () => {
    mkdirSync(path(), { recursive: true });
    await (await take()).release();
    mkdirSync(path());
    writeFileSync(join(path(), 'x.json'), '');
    expect(await keeper.tryAcquire(NAME, 'test')).toHaveProperty('heldBy');
    age();
    await (await take()).release();
  });
});

describe('a lock within one process', () => {
  test('tried twice names ourselves', async () => {
    const lock = await take();
    expect(await keeper.tryAcquire(NAME, 'again')).toMatchObject({ heldBy: { pid: process.pid } });
    await lock.release();
  });

  test('is passed on in the order of asking', async () => {
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3, 4].map(async (number) => {
        const lock = await keeper.acquire(NAME, 'test');
        order.push(number);
        await lock.release();
      }),
    );
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('stops waiting when the signal aborts, and lets the next in line through', async () => {
    const lock = await keeper.acquire(NAME, 'test');
    const given = new AbortController();
    const waiting = keeper.acquire(NAME, 'test', given.signal);
    const patient = keeper.acquire(NAME, 'test');
    given.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await lock.release();
    await (await patient).release();
  });

  test('that was broken by force is lost: assertHeld refuses, release does no harm to the next holder', async () => {
    const lock = await take();
    rmSync(join(scratch.tree.locks(), 'website:_wildcard_.example.com.lock'), { recursive: true });
    await expect(lock.assertHeld()).rejects.toMatchObject({ code: 'LOCK_LOST' });
    const next = await holder();
    await lock.release();
    next.say('assert');
    expect(await next.line()).toBe('mine');
  });
});

test.each(['../x', 'a/b', 'a\0b', '', '.hidden', 'a b', 'a\n'])(
  'a name that no parser made, %j, is refused and nothing is created',
  async (name) => {
    await expect(keeper.tryAcquire(name, 'test')).rejects.toMatchObject({ code: 'BUG' });
    expect(existsSync(scratch.tree.own())).toBe(false);
  },
);

test('a folder that others may write is refused', async () => {
  mkdirSync(scratch.tree.locks(), { recursive: true });
  chmodSync(scratch.tree.locks(), 0o777);
  await expect(keeper.tryAcquire(NAME, 'test')).rejects.toMatchObject({ code: 'UNSAFE_FILE' });
});
