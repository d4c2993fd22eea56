import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FileCertificateStore } from '../../../src/adapters/store/publication/certificates.js';
import { buildChildProgram, Child } from '../../support/child-program.js';
import { fakeKeyMatches, fakePair, takeFakeApart, websiteRef } from '../../support/fake-pairs.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { everythingBelow } from '../../support/folder-listing.js';
import { scratchTree } from '../../support/scratch.js';

const website = websiteRef('example.com');
const OLD = fakePair('old', ['example.com']);
const NEW = fakePair('new', ['example.com', 'www.example.com']);
const oldText = OLD.keyPem + OLD.chainPem;
const newText = NEW.keyPem + NEW.chainPem;
let script: string;
let scratch: ReturnType<typeof scratchTree>;
let store: FileCertificateStore;

beforeAll(async () => {
  script = await buildChildProgram('publisher');
});
beforeEach(() => {
  scratch = scratchTree();
  store = new FileCertificateStore({
    tree: scratch.tree,
    clock: fixedClock('2026-06-01T00:00:00Z'),
    takeApart: takeFakeApart,
    keyMatchesCertificate: fakeKeyMatches,
  });
});
afterEach(() => scratch.remove());

const combined = (): string => readFileSync(scratch.tree.combined(website.vhost), 'utf8');
const temporaries = (): readonly string[] =>
  everythingBelow(scratch.root).filter((path) => path.includes('.autossl-tmp-'));

describe('kill -9 in the middle of a publication', () => {
  const steps: readonly [string, number, boolean][] = [
    ['journalled', 1, false],
    ['archived', 2, false],
    ['combined-staged', 3, false],
    ['combined', 4, true],
    ['certificates', 5, true],
    ['domain-copy', 6, true],
    ['domain-copy', 7, true],
    ['derived', 8, true],
    ['done', 9, true],
  ];
  test.each(steps)('after “%s” (%i): the next run finishes it', async (step, number, isNew) => {
    await store.publish({ website, ...OLD });
    const child = new Child(script, [scratch.root, 'new', 'example.com,www.example.com', String(number)]);
    expect(await child.line()).toBe(step);
    await child.exited();
    expect(child.process.signalCode).toBe('SIGKILL');
    expect(combined()).toBe(isNew ? newText : oldText);
    if (step === 'combined-staged') expect(temporaries()).toHaveLength(1);

    const finished = await store.finishHalfDonePublishes();
    expect(finished).toEqual(
      step === 'done' ? [] : [{ vhost: 'example.com', outcome: 'derived', why: null }],
    );
    expect(combined()).toBe(isNew ? newText : oldText);
    const folder = dirname(scratch.tree.combined(website.vhost));
    expect(readFileSync(join(folder, 'certificates'), 'utf8')).toBe(isNew ? NEW.chainPem : OLD.chainPem);
    const copies = readdirSync(scratch.tree.at('/var/cpanel/ssl/domain_tls'));
    expect(copies).toEqual(isNew ? ['example.com', 'www.example.com'] : ['example.com']);
    for (const name of copies) {
      const copy = join(scratch.tree.domainTls(websiteRef(name).vhost), 'combined');
      expect(readFileSync(copy, 'utf8')).toBe(combined());
    }
    expect(temporaries()).toEqual([]);
    expect(readdirSync(join(scratch.tree.staging(), 'publishing'))).toEqual([]);

    await store.publish({ website, ...NEW });
    expect(combined()).toBe(newText);
    expect(readdirSync(join(scratch.tree.archive(), 'example.com'))).toHaveLength(1);
  });

  test('of the very first one, before anything was in place: nothing is left of it', async () => {
    const child = new Child(script, [scratch.root, 'new', 'example.com', '3']);
    expect(await child.line()).toBe('combined-staged');
    await child.exited();
    expect(await store.finishHalfDonePublishes()).toEqual([
      { vhost: 'example.com', outcome: 'nothing', why: null },
    ]);
    expect(temporaries()).toEqual([]);
    expect(await store.gatherEvidence(website)).toMatchObject({ kind: 'absent' });
  });
});

/** What is left of anything begun; what derived files there are, by name. */
const unfinished = (): readonly string[] => [
  ...temporaries(),
  ...readdirSync(join(scratch.tree.staging(), 'publishing')),
];
const derived = (): Readonly<Record<string, string>> => {
  const paths = everythingBelow(scratch.tree.at('/var/cpanel/ssl')).filter(
    (path) => /^(domain_tls|apache_tls)\/.*[^/]$/.test(path) && path !== 'apache_tls/example.com/combined',
  );
  return Object.fromEntries(
    paths.map((path) => [path, readFileSync(scratch.tree.at(`/var/cpanel/ssl/${path}`), 'utf8')]),
  );
};
const derivedOf = (pair: typeof OLD, names: readonly string[]): Readonly<Record<string, string>> => ({
  'apache_tls/example.com/certificates': pair.chainPem,
  ...Object.fromEntries(names.map((name) => [`domain_tls/${name}/combined`, pair.keyPem + pair.chainPem])),
});
const ofOld = derivedOf(OLD, ['example.com']);
const ofNew = derivedOf(NEW, ['example.com', 'www.example.com']);

describe('kill -9 while a former set is put back', () => {
  const steps: readonly [string, number, boolean][] = [
    ['journalled', 1, false],
    ['combined-staged', 2, false],
    ['combined', 3, true],
    ['certificates', 4, true],
    ['domain-copy', 5, true],
    ['withdrawn-copy', 6, true],
    ['derived', 7, true],
    ['done', 8, true],
  ];
  test.each(steps)('after “%s” (%i): the next run finishes it', async (step, number, isBack) => {
    await store.publish({ website, ...OLD });
    await store.publish({ website, ...NEW });
    const child = new Child(script, [scratch.root, 'old', 'example.com', String(number), 'restore']);
    expect(await child.line()).toBe(step);
    await child.exited();
    expect(combined()).toBe(isBack ? oldText : newText);
    await store.finishHalfDonePublishes();
    expect(combined()).toBe(isBack ? oldText : newText);
    expect(derived()).toEqual(isBack ? ofOld : ofNew);
    expect(unfinished()).toEqual([]);
    await store.restore(website, { text: oldText, fingerprint: null });
    expect([combined(), derived()]).toEqual([oldText, ofOld]);
  });

  test.each(steps)('after “%s” (%i): putting it back again finishes it too', async (step, number) => {
    await store.publish({ website, ...OLD });
    await store.publish({ website, ...NEW });
    const child = new Child(script, [scratch.root, 'old', 'example.com', String(number), 'restore']);
    expect(await child.line()).toBe(step);
    await child.exited();
    await store.restore(website, { text: oldText, fingerprint: null });
    expect([combined(), derived(), unfinished()]).toEqual([oldText, ofOld, []]);
  });
});

describe('kill -9 while a first set is taken away', () => {
  test.each([
    ['journalled', 1, false],
    ['combined', 2, true],
    ['certificates', 3, true],
    ['withdrawn-copy', 4, true],
    ['withdrawn-copy', 5, true],
    ['derived', 6, true],
    ['done', 7, true],
  ] as const)('after “%s” (%i): the next run finishes it', async (step, number, isGone) => {
    await store.publish({ website, ...NEW });
    const child = new Child(script, [scratch.root, 'old', 'example.com', String(number), 'remove']);
    expect(await child.line()).toBe(step);
    await child.exited();
    await store.finishHalfDonePublishes();
    expect(await store.gatherEvidence(website)).toMatchObject({ kind: isGone ? 'absent' : 'present' });
    expect(derived()).toEqual(isGone ? {} : ofNew);
    expect(unfinished()).toEqual([]);
    await store.restore(website, null);
    expect(derived()).toEqual({});
  });
});

describe('kill -9 while a first set is placed', () => {
  test.each([
    ['journalled', 1, false],
    ['combined-staged', 2, false],
    ['combined', 3, true],
    ['certificates', 4, true],
    ['domain-copy', 5, true],
    ['domain-copy', 6, true],
    ['derived', 7, true],
    ['done', 8, true],
  ] as const)('after “%s” (%i): the next run finishes it', async (step, number, isThere) => {
    const names = 'example.com,www.example.com';
    const child = new Child(script, [scratch.root, 'new', names, String(number), 'place']);
    expect(await child.line()).toBe(step);
    await child.exited();
    await store.finishHalfDonePublishes();
    expect(derived()).toEqual(isThere ? ofNew : {});
    expect(unfinished()).toEqual([]);
    expect(await store.placeIfAbsent({ website, ...NEW })).toBe(!isThere);
    expect(combined()).toBe(newText);
    expect(derived()).toEqual(ofNew);
  });
});

test('a publication under way in a living process is left to it', async () => {
  const child = new Child(script, [scratch.root, 'new', 'example.com', '0']);
  expect(await child.line()).toBe('published');
  let seen: readonly unknown[] = ['not asked'];
  const slow = new FileCertificateStore({
    tree: scratch.tree,
    clock: fixedClock('2026-06-01T00:00:00Z'),
    takeApart: takeFakeApart,
    keyMatchesCertificate: fakeKeyMatches,
    afterStep: async (step) => {
      if (step === 'journalled') seen = await store.finishHalfDonePublishes();
    },
  });
  await slow.publish({ website, ...OLD });
  expect(seen).toEqual([]);
});

test('a disk that takes no more leaves the old set whole, says so, and later it goes through', async () => {
  await store.publish({ website, ...OLD });
  // The limit of file size cuts a write in the middle, as a full disk does; no privilege is needed.
  const names = Array.from({ length: 400 }, (_, index) => `host-number-${index}.example.com`).join(',');
  const output = await new Promise<string>((resolve) => {
    const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`;
    execFile(
      '/bin/sh',
      ['-c', limited, process.execPath, script, scratch.root, 'new', names, '0'],
      (_, stdout) => resolve(stdout),
    );
  });
  expect(output).toMatch(/^PUBLISH_FAILED: .*example\.com.*it grows beyond the limit of file sizes/);
  expect(combined()).toBe(oldText);
  expect(temporaries()).toEqual([]);
  await store.publish({ website, ...NEW });
  expect(combined()).toBe(newText);
});
