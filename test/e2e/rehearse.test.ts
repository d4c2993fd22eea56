import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RehearsalResult } from '../../src/core/rehearsal/tally.js';
import { placeAgedSet } from '../support/aged-set.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { listTree } from '../support/file-tree.js';
import { aRoot } from '../support/pki.js';
import { scratchTree } from '../support/scratch.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';

const isLong = process.env['LONG'] === '1';
const LONGEST_MS = 1_800_000;

interface Rehearsed {
  readonly foreignWebsites: number;
  readonly lifetimes: readonly (RehearsalResult & { readonly lifetime: string })[];
}

describe('autossl rehearse', () => {
  let built: BuiltTree;
  const outside = scratchTree();
  const rehearse = (...words: string[]) => runBin('autossl', ['rehearse', ...words], built.root);

  beforeAll(() => {
    buildPrograms();
    const account = (domain: string) => ({ domain, subs: [], keyType: 'ecdsa-prime256v1' });
    built = aTree()
      .account('alice', account('one.test'))
      .account('bob', account('two.test'))
      .account('carol', account('three.test'))
      .account('dave', account('four.test'))
      .autosslJson({ provider: 'LetsEncrypt' })
      .settings({ trustAnchors: '/etc/roots.pem' })
      .file('/etc/roots.pem', aRoot().certPem)
      .build();
    const websites = [
      ['alice', 'one.test', 60, 'LetsEncrypt'],
      ['bob', 'two.test', 3, 'LetsEncrypt'],
      ['carol', 'three.test', 80, null],
    ] as const;
    for (const [name, vhost, daysLeft, provider] of websites) {
      placeAgedSet(built, { account: name, vhost, names: [vhost], daysLeft, provider });
    }
  });
  afterAll(async () => {
    outside.remove();
    await built.cleanUp();
  });

  test('lives through this server’s own websites, and writes the plot alone', async () => {
    const before = listTree(built.root);
    const plot = join(outside.root, 'year.svg');
    const { exitCode, stdout, stderr } = await rehearse('--json', '--lifetime', '90d,45d', '--plot', plot);
    expect([exitCode, stderr]).toEqual([0, '']);
    const { foreignWebsites, lifetimes }: Rehearsed = JSON.parse(stdout);
    // One has somebody else's certificate; one has none, and is secured on the first night.
    expect([foreignWebsites, lifetimes.map(({ lifetime }) => lifetime)]).toEqual([1, ['90d', '45d']]);
    for (const { websites, expired, daily, orders } of lifetimes) {
      expect([websites, expired, daily.length]).toEqual([3, 0, 365]);
      expect(daily.slice(0, 2).reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(2);
      expect(daily.reduce((sum, one) => sum + one, 0)).toBe(orders);
    }
    const [title, ...rows] = readFileSync(join(outside.root, 'year.csv'), 'utf8').trim().split('\n');
    expect([title, rows.length]).toEqual(['day,90d,45d', 365]);
    expect(rows.map((row) => row.split(',').map(Number))).toEqual(
      rows.map((_, day) => [day, ...lifetimes.map(({ daily }) => daily[day])]),
    );
    const svg = readFileSync(plot, 'utf8');
    for (const text of ['life 90d: orders a day', 'life 45d: orders a day', 'day 365'])
      expect(svg).toContain(text);
    const opened = svg.match(/<[a-z]+\b[^>]*(?<!\/)>/g) ?? [];
    expect(opened).toHaveLength((svg.match(/<\/[a-z]+>/g) ?? []).length);
    expect(listTree(built.root)).toEqual(before);
  });

  test('says as a table what it reckoned with', async () => {
    const { exitCode, stdout } = await rehearse('--lifetime', '200d', '--days', '30', '--without-ari');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Life +Orders +Peak a day/m);
    for (const words of [
      '3 websites, 30 days.',
      'without renewal information',
      '1 website left out: the certificate is not ours.',
      '200d: the third cycle does not begin within these days; to see a whole one: --days 600.',
    ]) {
      expect(stdout).toContain(words);
    }
  });

  test.each<[string, readonly string[], string]>([
    ['no days', ['--days', '0'], '--days takes a whole number from 1 to 3660, not “0”'],
    ['an age', ['--days', '99999'], '--days takes a whole number'],
    ['a life without a unit', ['--lifetime', '90'], '--lifetime takes days or hours'],
    ['no life', ['--lifetime', '0d'], '--lifetime takes days or hours'],
    ['too many websites', ['--websites', '9999999'], '--websites takes a whole number from 1 to 200000'],
    ['a seed that is a word', ['--seed', 'x'], '--seed takes a whole number'],
    ['an incident after the end', ['--ari-incident', '365'], '--ari-incident takes a day from 0 to 364'],
    ['an outage that lasts no time', ['--outage', '5:0'], '--outage takes the day'],
    [
      'a plot in a folder that is not there',
      ['--plot', '/nonexistent/x.svg'],
      '“/nonexistent/x.svg” cannot be made',
    ],
    ['a plot that is a folder', ['--plot', '/'], '“/” cannot be made: something lies there already'],
  ])('refuses %s in one line, before it begins', async (_, words, says) => {
    const { exitCode, stdout, stderr } = await rehearse(...words);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  test.each([
    ['something', (path: string) => writeFileSync(path, 'theirs')],
    ['a link', (path: string) => symlinkSync('/nonexistent/target', path)],
  ])('writes no plot where %s lies, not even beside it', async (name, lay) => {
    const csv = join(outside.root, `${name.replace(' ', '')}.csv`);
    lay(csv);
    const before = listTree(outside.root);
    const plot = csv.replace('.csv', '.svg');
    const { exitCode, stderr } = await rehearse('--days', '10', '--websites', '3', '--plot', plot);
    expect([exitCode, stderr]).toEqual([
      2,
      `autossl: “${csv}” cannot be made: something lies there already\n`,
    ]);
    expect(listTree(outside.root)).toEqual(before);
  });

  // As documented; a fleet whose days are mere chance shows nothing, so that this is for the long form.
  const rowsOf = test.each<[string, readonly string[]]>([
    ['with renewal information', ['--lifetime', '200d,90d,64d,45d,160h']],
    ['without', ['--without-ari', '--lifetime', '90d,64d,45d']],
    ['of 200 days, over three cycles', ['--lifetime', '200d', '--days', '900']],
    ['of 200 days without renewal information', ['--lifetime', '200d', '--days', '900', '--without-ari']],
  ]);
  const declare = isLong ? rowsOf : () => undefined;
  declare(
    'a year of 10,000 websites through incidents and outages, %s: nothing expires in vain, peaks are below 3 × mean',
    async (_, words) => {
      const bad = ['--ari-incident', '100,280', '--outage', '150:1,200:3,300:5'];
      const { exitCode, stdout } = await rehearse('--json', '--websites', '10000', ...bad, ...words);
      expect(exitCode).toBe(0);
      const { lifetimes }: Rehearsed = JSON.parse(stdout);
      for (const { lifetime, expired, expiredInOutage, peak, mean, orders } of lifetimes) {
        process.stderr.write(
          `${lifetime}: ${orders} orders, peak ${peak}, mean ${mean?.toFixed(1)}, expired ${expired}\n`,
        );
        expect(expired).toBe(expiredInOutage);
        expect(peak).toBeLessThanOrEqual(3 * (mean ?? 0));
      }
    },
    LONGEST_MS,
  );
});
