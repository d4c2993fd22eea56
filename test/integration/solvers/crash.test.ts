import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChallengePlace, createChallengeSolver } from '../../../src/adapters/solvers/create-solver.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import type { ChallengeSolver, HttpChallenge } from '../../../src/runs/ports/challenges.js';
import { ACCOUNT_UID, ChallengeTree, isRoot } from '../../support/challenge-tree.js';
import { buildChildProgram, Child } from '../../support/child-program.js';

const PREFLIGHT = 'autossl-preflight-abc';
const OF_A_CA = 'DGyRejmCefe7v4NfDGDKfA';

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

const NAME = parseDomainName('shop.test');
const challenge = (token: string): HttpChallenge => ({
  website: place.website(),
  name: NAME,
  token,
  content: `${token}.thumb`,
});
const removed = (token: string) => ({
  name: NAME,
  token,
  documentRoot: '/home/shop/public_html',
  account: 'shop',
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
/** What is not so by then never will be. */
const PATIENCE_MS = 30_000;
async function waitUntil(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isSo() && Date.now() < deadline) await pause(25);
}
/** The solver of another run. */
const open = (way: ChallengePlace): ChallengeSolver =>
  createChallengeSolver({
    tree: place.tree,
    clock: { now: () => new Date() },
    place: way,
    homeDirectoryOf: async () => null,
  });
async function sweep(way: ChallengePlace, ...wanted: string[]): Promise<void> {
  const solver = open(way);
  await solver.sweep(new Set(wanted));
  await solver.close();
}

describe.each<ChallengePlace>(['shared-folder', 'account-folder'])('in the %s', (way) => {
  test('the sweep of another run leaves a living run’s files alone', async () => {
    await placeThem(way, [PREFLIGHT, OF_A_CA]);
    await sweep(way);
    expect(filesOf(way)).toEqual([OF_A_CA, PREFLIGHT].sort());
  });
});

describe('after kill -9', () => {
  test('the shared folder keeps what a CA may still fetch as long as an order names it, and nothing else', async () => {
    const run = await placeThem('shared-folder', [PREFLIGHT, OF_A_CA]);
    await run.kill();
    await sweep('shared-folder', OF_A_CA);
    expect(filesOf('shared-folder')).toEqual([OF_A_CA]);
    await sweep('shared-folder', OF_A_CA);
    expect(filesOf('shared-folder')).toEqual([OF_A_CA]);
    await sweep('shared-folder');
    expect(filesOf('shared-folder')).toEqual([]);
    expect(readdirSync(place.tree.placed())).toEqual([]);
  });

  test('the account’s helper notices, and takes away what no CA comes for; the next run takes the rest', async () => {
    const run = await placeThem('account-folder', [PREFLIGHT, OF_A_CA]);
    await run.kill();
    await waitUntil(() => filesOf('account-folder').length <= 1);
    expect(filesOf('account-folder')).toEqual([OF_A_CA]);
    await sweep('account-folder', OF_A_CA);
    expect(filesOf('account-folder')).toEqual([OF_A_CA]);
    await sweep('account-folder');
    expect(readdirSync(place.documentRoot)).toEqual([]);
    expect(readdirSync(place.tree.placed())).toEqual([]);
  });
});

describe('folders that a killed run made in a document root', () => {
  const folder = (): string => join(place.documentRoot, '.well-known/acme-challenge');
  const make = (): void => {
    mkdirSync(folder(), { recursive: true });
    if (!isRoot) return;
    for (const made of [dirname(folder()), folder()]) chownSync(made, ACCOUNT_UID, ACCOUNT_UID);
  };
  /** As a process leaves it that is gone since. */
  const journal = (token: string, placedAt: Date): void => {
    mkdirSync(place.tree.placed(), { recursive: true });
    const documentRoot = '/home/shop/public_html';
    const line = { account: 'shop', documentRoot, token, placedAt: placedAt.toISOString() };
    writeFileSync(join(place.tree.placed(), '1.1.dead.jsonl'), `${JSON.stringify(line)}\n`);
  };
  const secondsAgo = (seconds: number): Date => new Date(Date.now() - seconds * 1000);

  test('between two challenges of an order: they go with the last one, whichever that is', async () => {
    const later = `${OF_A_CA}-2`;
    const run = await placeThem('account-folder', [OF_A_CA]);
    await run.kill();
    const solver = open('account-folder');
    for (const token of [OF_A_CA, later]) {
      expect(await solver.present(challenge(token))).toEqual({ ok: true });
    }
    for (const token of [OF_A_CA, later]) await solver.cleanUp(removed(token));
    await solver.close();
    expect(readdirSync(place.documentRoot)).toEqual([]);
  });

  test('before the file was in them, or after it had gone: the sweep takes them', async () => {
    const placedAt = new Date();
    make();
    journal(PREFLIGHT, placedAt);
    await sweep('account-folder');
    expect(readdirSync(place.documentRoot)).toEqual([]);
    expect(readdirSync(place.tree.placed())).toEqual([]);
  });

  test('are told from empty ones that were there before or came long after', async () => {
    make();
    for (const placedAt of [secondsAgo(-1), secondsAgo(600)]) {
      journal(PREFLIGHT, placedAt);
      await sweep('account-folder');
      expect(existsSync(folder())).toBe(true);
    }
  });

  test('stay when somebody put something into them', async () => {
    const placedAt = new Date();
    make();
    writeFileSync(join(folder(), 'mine'), '');
    journal(PREFLIGHT, placedAt);
    await sweep('account-folder');
    expect(readdirSync(folder())).toEqual(['mine']);
  });
});

test('a run that forgets to close its solver still ends, and its helper takes the files away', async () => {
  child = new Child(script, [place.folder, 'document-root', PREFLIGHT], { PLACER_FORGETS: '1' });
  expect(await child.line()).toBe('{"ok":true}');
  await child.exited();
  await waitUntil(() => readdirSync(place.documentRoot).length === 0);
  expect(readdirSync(place.documentRoot)).toEqual([]);
});
