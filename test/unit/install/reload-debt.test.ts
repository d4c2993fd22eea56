import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OwingInstaller } from '../../../src/adapters/install/owing-installer.js';
import { FileReloadDebt } from '../../../src/adapters/install/reload-debt.js';
import { identityWord, ownIdentity } from '../../../src/adapters/system/process-identity.js';
import { scratchTree } from '../../support/scratch.js';

type Outcome = Awaited<ReturnType<OwingInstaller['reload']>>;

let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());
const debt = (outcome: Outcome | (() => Promise<Outcome>) = { ok: true }): OwingInstaller =>
  new OwingInstaller(new FileReloadDebt(scratch.tree), {
    reload: async () => (typeof outcome === 'function' ? outcome() : outcome),
  });
const notes = (): readonly string[] => readdirSync(scratch.tree.reloadOwed());
/** As a process that is gone, or one that lives and is not this one, left it. */
function leaveNote(pid: number): void {
  mkdirSync(scratch.tree.reloadOwed(), { recursive: true });
  const word = pid === process.ppid ? wordOfParent() : identityWord({ ...ownIdentity(), pid });
  writeFileSync(join(scratch.tree.reloadOwed(), `${word}~0`), '');
}
function wordOfParent(): string {
  const stat = spawnSync('cat', [`/proc/${process.ppid}/stat`], { encoding: 'utf8' }).stdout;
  const startTicks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return identityWord({ ...ownIdentity(), pid: process.ppid, startTicks });
}

describe('a reload', () => {
  test('is owed from before a publication until one went well', async () => {
    expect(await debt().isReloadOwed()).toBe(false);
    const failing = debt({ ok: false, why: 'syntax error' });
    await Promise.all([failing.oweReload(), failing.oweReload()]);
    expect(await failing.isReloadOwed()).toBe(true);
    await failing.reload();
    expect(await failing.isReloadOwed()).toBe(true);
    await debt().reload();
    expect(notes()).toEqual([]);
  });

  test('is settled where no command is configured: others see to it', async () => {
    const unset = debt(async () => undefined);
    await unset.oweReload();
    expect(await unset.reload()).toBeUndefined();
    expect(await unset.isReloadOwed()).toBe(false);
  });

  test('is made up for when the process that owed it is gone, and left to it while it lives', async () => {
    leaveNote(process.ppid);
    expect(await debt().isReloadOwed()).toBe(false);
    leaveNote(spawnSync('true').pid);
    expect(await debt().isReloadOwed()).toBe(true);
    await debt().reload();
    expect(notes()).toEqual([`${wordOfParent()}~0`]);
  });

  test('does not settle what was published while it ran', async () => {
    const busy: OwingInstaller = debt(async () => {
      await busy.oweReload();
      return { ok: true };
    });
    await busy.oweReload();
    await busy.reload();
    expect(await busy.isReloadOwed()).toBe(true);
    expect(notes()).toHaveLength(1);
  });
});

describe('what is owed when a reload begins', () => {
  test('is settled by it, and what is noted since is not', async () => {
    const noted = new FileReloadDebt(scratch.tree);
    await noted.owe();
    const first = await noted.begin();
    await noted.owe();
    await first.settle();
    expect(await noted.isOwed()).toBe(true);
    await (await noted.begin()).settle();
    expect(await noted.isOwed()).toBe(false);
  });

  test('is owed still when the reload is given up', async () => {
    const noted = new FileReloadDebt(scratch.tree);
    await noted.owe();
    await noted.begin();
    expect(await noted.isOwed()).toBe(true);
    await (await noted.begin()).settle();
    expect(notes()).toEqual([]);
  });

  test('is not settled for a publication that was noted while it was looked up', async () => {
    const noted = new FileReloadDebt(scratch.tree);
    const [begun] = await Promise.all([noted.begin(), noted.owe()]);
    await begun.settle();
    expect(await noted.isOwed()).toBe(true);
  });
});
