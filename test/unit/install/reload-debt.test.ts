import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileReloadDebt } from '../../../src/adapters/install/reload-debt.js';
import { identityWord, ownIdentity } from '../../../src/adapters/system/process/process-identity.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());
const debt = (): FileReloadDebt => new FileReloadDebt(scratch.tree);
const settle = async (): Promise<void> => (await debt().begin()).settle();
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
    expect(await debt().isOwed()).toBe(false);
    const noted = debt();
    await Promise.all([noted.owe(), noted.owe()]);
    expect(notes()).toHaveLength(1);
    // One that failed settles nothing.
    await noted.begin();
    expect(await noted.isOwed()).toBe(true);
    await settle();
    expect(notes()).toEqual([]);
  });

  test('is made up for when the process that owed it is gone, and left to it while it lives', async () => {
    leaveNote(process.ppid);
    expect(await debt().isOwed()).toBe(false);
    leaveNote(spawnSync('true').pid);
    expect(await debt().isOwed()).toBe(true);
    await settle();
    expect(notes()).toEqual([`${wordOfParent()}~0`]);
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
