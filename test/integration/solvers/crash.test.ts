import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChallengePlace, createChallengeSolver } from '../../../src/adapters/solvers/create-solver.js';
import { ChallengeTree } from '../../support/challenge-tree.js';
import { buildChildProgram, Child } from '../../support/child-program.js';

const PREFLIGHT = 'autossl-preflight-abc';
const OF_A_CA = 'DGyRejmCefe7v4NfDGDKfA';
const DAY_MS = 86_400_000;

let script: string;
let place: ChallengeTree;
let child: Child | undefined;
beforeAll(async () => {
  script = await buildChildProgram('challenge-placer');
});
beforeEach(() => {
  place = new ChallengeTree();
});
afterEach(async () => {
  await child?.kill();
  place.remove();
});

const filesOf = (way: ChallengePlace): string[] => {
  const folder =
    way === 'shared-folder'
      ? place.tree.challenges()
      : join(place.documentRoot, '.well-known/acme-challenge');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
};
/** A run's process that has placed the tokens. */
async function placeThem(way: ChallengePlace, tokens: readonly string[]): Promise<Child> {
  child = new Child(script, [place.folder, way, ...tokens]);
  for (const _ of tokens) expect(await child.line()).toBe('{"ok":true}');
  return child;
}
/** At most five seconds. */
async function waitUntilEmpty(folder: string): Promise<void> {
  for (let tries = 0; tries < 200 && readdirSync(folder).length > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
async function sweepAt(way: ChallengePlace, now: Date): Promise<void> {
  const solver = createChallengeSolver({
    tree: place.tree,
    clock: { now: () => now },
    place: way,
    homeDirectoryOf: async () => null,
  });
  await solver.sweep();
  await solver.close();
}

describe.each<ChallengePlace>(['shared-folder', 'account-folder'])('in the %s', (way) => {
  test('the sweep of another run leaves a living run’s files alone', async () => {
    await placeThem(way, [PREFLIGHT, OF_A_CA]);
    await sweepAt(way, new Date(Date.now() + 30 * DAY_MS));
    expect(filesOf(way)).toEqual([OF_A_CA, PREFLIGHT].sort());
  });
});

describe('after kill -9', () => {
  test('the shared folder keeps what a CA may still fetch, for eight days, and nothing else', async () => {
    const run = await placeThem('shared-folder', [PREFLIGHT, OF_A_CA]);
    await run.kill();
    await sweepAt('shared-folder', new Date());
    expect(filesOf('shared-folder')).toEqual([OF_A_CA]);
    await sweepAt('shared-folder', new Date(Date.now() + 7 * DAY_MS));
    expect(filesOf('shared-folder')).toEqual([OF_A_CA]);
    await sweepAt('shared-folder', new Date(Date.now() + 9 * DAY_MS));
    expect(filesOf('shared-folder')).toEqual([]);
    expect(readdirSync(place.tree.placed())).toEqual([]);
  });

  test('the account’s helper notices, and takes its files and folders away', async () => {
    const run = await placeThem('account-folder', [PREFLIGHT, OF_A_CA]);
    await run.kill();
    await waitUntilEmpty(place.documentRoot);
    expect(readdirSync(place.documentRoot)).toEqual([]);
    await sweepAt('account-folder', new Date(Date.now() + 9 * DAY_MS));
    expect(readdirSync(place.tree.placed())).toEqual([]);
  });
});

test('a run that forgets to close its solver still ends, and its helper takes the files away', async () => {
  child = new Child(script, [place.folder, 'document-root', PREFLIGHT], { PLACER_FORGETS: '1' });
  expect(await child.line()).toBe('{"ok":true}');
  await child.exited();
  await waitUntilEmpty(place.documentRoot);
  expect(readdirSync(place.documentRoot)).toEqual([]);
});
