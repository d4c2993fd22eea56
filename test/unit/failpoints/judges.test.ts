import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PATHS, type SeenRequest } from '../../support/acme-proxy.js';
import { faultsAfterKills } from '../../support/after-crash.js';
import { writeIssuedRecord } from '../../support/aged-set.js';
import { sampleOf } from '../../support/failpoints/crash-stories.js';
import { faultsOfEnd, faultsOfPair, faultsOfShown } from '../../support/failpoints/faults-of-run.js';
import { installedSet } from '../../support/installed-set.js';
import { longPartOf } from '../../support/long-part.js';
import { aCertificate, aRoot } from '../../support/pki.js';
import { seededChance } from '../../support/seeded-chance.js';
import {
  faultsOfOutside,
  faultsOfUntouched,
  faultsOfWords,
  listingOf,
} from '../../support/spoilt/faults-of-spoilt-tree.js';
import { OUTSIDE } from '../../support/spoilt/spoil.js';
import { spoilTree } from '../../support/spoilt/spoilt-tree.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const A = aCertificate({ names: ['a.test'] });
const B = aCertificate({ names: ['b.test'] });

describe('the end of a program', () => {
  const ended = (exitCode: number | null, stderr = '', stdout = '') =>
    faultsOfEnd({ exitCode, stdout, stderr, durationMs: 1 });

  test.each([
    ['killed', null, ''],
    ['done', 0, 'Checked 2 websites: nothing to do.'],
    ['refused in words', 3, 'autossl_check: cannot write “/x”: no space is left. Free some space.'],
    ['another at work', 75, 'autossl_check: another run is under way'],
  ])('%s is well', (_, code, text) => {
    expect(ended(code, text)).toEqual([]);
  });

  test.each([
    ['a code that no manual names', 7, ''],
    ['a system’s error that nobody foresaw', 3, 'x: “/y” cannot be worked with: z (UNFORESEEN_SYSTEM_ERROR)'],
    ['a mistake of ours', 3, 'autossl_check: internal error: x is not a function'],
    ['a trace', 1, 'Error: x\n    at run (file:///opt/autossl/dist/check.js:12:3)\n'],
    ['a promise that nobody waited for', 1, 'node:internal/process/promises:394'],
  ])('%s is a fault', (_, code, text) => {
    expect(ended(code, text)).toHaveLength(1);
    expect(ended(code, '', text)).toHaveLength(1);
  });

  test('so is a mistake that was caught and told', () => {
    const said = (stdout: string) => faultsOfWords({ stdout, stderr: '' });
    expect(said('site0.test: unexpected error, please report it: x')).toHaveLength(1);
    expect(said('TypeError: x')).toHaveLength(1);
    expect(said('everything is fine')).toEqual([]);
  });
});

describe('what lies there after a kill', () => {
  let built: BuiltTree;
  beforeEach(() => {
    built = aTree()
      .account('alice', { domain: 'a.test' })
      .combined('a.test', A.combined)
      .combined('b.test', B.combined)
      .build();
  });
  afterEach(() => built.cleanUp());

  test('a key of another certificate is a fault', () => {
    expect(faultsOfPair('a.test', installedSet(built, 'a.test'))).toEqual([]);
    const { leaf } = installedSet(built, 'a.test');
    expect(faultsOfPair('a.test', { leaf, key: installedSet(built, 'b.test').key })).toHaveLength(1);
  });

  test('visitors may be shown the former or the present certificate, and no third or none', () => {
    const of = (print: string) => new Map([['a.test', print]]);
    expect(faultsOfShown(of('old'), of('old'), of('new'))).toEqual([]);
    expect(faultsOfShown(of('new'), of('old'), of('new'))).toEqual([]);
    expect(faultsOfShown(of('other'), of('old'), of('new'))).toEqual(['a.test: other is served']);
    expect(faultsOfShown(of('ECONNREFUSED'), of('old'), of('new'))).toHaveLength(1);
  });

  const seen = (order: number, isFinalized: boolean): SeenRequest[] => [
    {
      path: PATHS.newOrder,
      status: 201,
      payload: { identifiers: [{ value: 'a.test' }] },
      location: `https://ca/my-order/${order}`,
    } as unknown as SeenRequest,
    ...(isFinalized ? [{ path: `${PATHS.finalize}${order}`, status: 200 } as unknown as SeenRequest] : []),
  ];
  const judged = (requests: readonly SeenRequest[], kills: number) =>
    faultsAfterKills(
      { proxy: { requests } } as unknown as Parameters<typeof faultsAfterKills>[0],
      { ...built, names: new Map(), suffix: 'a.test' },
      kills,
    );

  test('nothing lost and nothing wasted is well', () => {
    expect(judged([], 0)).toEqual([]);
  });

  test('a certificate that was issued and is on no record is lost', () => {
    expect(judged(seen(1, true), 1)).toEqual(['issued 1, recorded 0']);
    writeIssuedRecord(built, {
      vhost: 'a.test',
      account: 'alice',
      provider: 'CustomACME',
      names: ['a.test'],
      certPem: A.certPem,
    });
    const path = join(built.tree.issued(), 'a.test.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"orderUrl":null', '"orderUrl":"https://ca/my-order/1"'));
    expect(judged(seen(1, true), 1)).toEqual([]);
  });

  test('one kill may waste one order, and not two', () => {
    expect(judged(seen(1, false), 1)).toEqual([]);
    expect(judged([...seen(1, false), ...seen(2, false)], 1)).toContain('2 orders wasted by 1 kills');
  });

  test.each([
    ['an order’s record', '/var/cpanel/ssl/autossl/orders/x.json'],
    ['a staged key', '/var/cpanel/ssl/autossl/staging/x/key.pem'],
    ['a temporary file', '/var/cpanel/ssl/apache_tls/a.test/.autossl-tmp-1-x'],
    ['a challenge', '/var/cpanel/acme-challenge/token'],
    ['a damaged record', '/var/cpanel/ssl/autossl/problems/x.json.damaged'],
  ])('%s that stays is left over', (_, path) => {
    built.write(path, '{}');
    expect(judged([], 1)).toContain(`left over: ${path.slice(1)}`);
  });

  test('what is wrong with a website’s set is told with its name', () => {
    built.write('/etc/ssl/roots.pem', aRoot().certPem);
    const hosted = { ...built, names: new Map([['a.test', ['a.test']]]), suffix: 'a.test' };
    const faults = () =>
      faultsAfterKills(
        { proxy: { requests: [] } } as unknown as Parameters<typeof faultsAfterKills>[0],
        hosted,
        0,
      );
    const combined = join(built.tree.root, 'var/cpanel/ssl/apache_tls/a.test/combined');
    const before = faults();
    writeFileSync(combined, B.combined);
    expect(faults().length).toBeGreaterThan(before.length);
    rmSync(combined);
    expect(faults().join()).toContain('ENOENT');
  });
});

describe('a tree that was spoilt', () => {
  let folder: string;
  let built: BuiltTree;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'autossl-judges-'));
    mkdirSync(join(folder, OUTSIDE));
    mkdirSync(join(folder, 'tree'));
    writeFileSync(join(folder, OUTSIDE, 'file.pem'), 'somebody else’s');
    built = aTree().account('user0', { domain: 'a.test' }).combined('a.test', A.combined).build();
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await built.cleanUp();
  });
  const outside = (name: string): string => join(folder, OUTSIDE, name);

  test.each<[string, () => void]>([
    ['a file is written', () => writeFileSync(outside('file.pem'), 'ours')],
    ['a file is made', () => writeFileSync(outside('new'), '')],
    ['a file is removed', () => rmSync(outside('file.pem'))],
    ['a mode is changed', () => chmodSync(outside('file.pem'), 0o600)],
    ['something is made beside the tree', () => writeFileSync(join(folder, 'new'), '')],
  ])('outside of it %s: a fault', (_, act) => {
    chmodSync(outside('file.pem'), 0o644);
    const before = listingOf(join(folder, OUTSIDE));
    expect(faultsOfOutside(folder, before)).toEqual([]);
    act();
    expect(faultsOfOutside(folder, before)).toHaveLength(1);
  });

  test('a website that nobody spoilt keeps its pair, or has another sound one', () => {
    const copy = aTree().account('user0', { domain: 'a.test' }).combined('a.test', A.combined).build();
    const faults = (done: readonly string[] = []) => faultsOfUntouched(built, ['a.test'], copy.root, done);
    const combined = join(copy.root, 'var/cpanel/ssl/apache_tls/a.test/combined');
    expect(faults()).toEqual([]);
    writeFileSync(combined, aCertificate({ names: ['a.test'] }).combined);
    expect(faults()).toEqual([]);
    writeFileSync(combined, A.keyPem + B.certPem);
    expect(faults()).toEqual(['a.test has a key of another certificate']);
    rmSync(combined);
    expect(faults()).toEqual([expect.stringContaining('a.test lost its certificate')]);
    expect(faults(['var/cpanel/ssl/apache_tls/a.test/combined: gone'])).toEqual([]);
    copy.cleanUp();
  });

  test('the seed alone says what is spoilt, and something is', () => {
    const twin = aTree().account('user0', { domain: 'a.test' }).combined('a.test', A.combined).build();
    const [first, second] = [built, twin].map(({ root }) =>
      [1, 2, 3].flatMap((seed) => spoilTree(root, seededChance(seed))),
    );
    expect(first).toEqual(second);
    expect(first?.filter((line) => !/: (?:as it was|gone already)$/.test(line))).not.toEqual([]);
    twin.cleanUp();
  });
});

describe('which points are met', () => {
  const points = Array.from({ length: 100 }, (_, index) => `p${index}`);

  test('a sample has one of each part of the way', () => {
    const sample = sampleOf(points, 10, seededChance(1)).map((point) =>
      Math.floor(Number(point.slice(1)) / 10),
    );
    expect(sample).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(sampleOf(points, 200, seededChance(1))).toBe(points);
  });

  test('the parts of a long run are the whole, each point once', () => {
    const parts = [1, 2, 3].flatMap((which) => longPartOf(points, `${which}/3`));
    expect([...parts].sort()).toEqual([...points].sort());
    for (const wrong of ['0/3', '4/3', '3', 'x/y', ''])
      expect(() => longPartOf(points, wrong)).toThrow('is no part');
  });
});
