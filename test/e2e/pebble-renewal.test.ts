import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { type AgedSet, installedFingerprint, placeAgedSet } from '../support/aged-set.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { faultsOf, installedSet } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';
import { aRoot } from '../support/pki.js';
import { type LogRecord, lastRecords } from '../support/run-logs.js';
import type { AccountSpec } from '../support/tree-builder.js';

const DAY_MS = 86_400_000;
/** Half of it must be enough for a run on a busy machine, and the other half is waited for. */
const SHORT_LIFE_SECONDS = 40;
const LONGEST_MS = 300_000;
const EC = { keyType: 'ecdsa-prime256v1' } as const;
const apex = (domain: string): string[] => [domain, `www.${domain}`, `mail.${domain}`];

interface Case {
  /** Of `<label>.test`, the website's name. */
  readonly label: string;
  readonly spec?: Partial<AccountSpec>;
  readonly set: Pick<AgedSet, 'daysLeft'> & Partial<AgedSet>;
  /** Names that no longer resolve, as first labels. */
  readonly lost?: readonly string[];
  /** Names of the new certificate, as first labels (`@` = the domain itself); null = the old one stays. */
  readonly renewed: readonly string[] | null;
  /** A record of the website that must be in the log, or must not. */
  readonly says?: string;
  readonly saysNot?: string;
}

/** One account with one website for each case, each with a certificate of its own age. */
async function aServerOf(site: CaSite, cases: readonly Case[], clobber = 0): Promise<HostedTree> {
  const accounts = Object.fromEntries(
    cases.map(({ label, spec }): [string, AccountSpec] => [
      label,
      { domain: `${label}.test`, ...EC, ...spec },
    ]),
  );
  const roots = (await site.pebble.root()) + aRoot().certPem;
  const hosted = await site.host(accounts, {
    settings: { concurrency: { orders: 1 } },
    furnish: (builder) =>
      builder
        .file('/etc/ssl/roots.pem', roots)
        .autosslJson({ metadata: { clobber_externally_signed: clobber } }),
  });
  for (const { label, set, lost = [] } of cases) {
    const domain = `${label}.test`;
    placeAgedSet(hosted, {
      vhost: domain,
      account: label,
      names: apex(domain),
      provider: 'CustomACME',
      ...set,
    });
    for (const name of lost) site.dns.zones.delete(`${name}.${domain}`);
  }
  expect(await site.choose(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
  return hosted;
}

const OURS: readonly Case[] = [
  { label: 'due', set: { daysLeft: 20 }, renewed: ['@', 'www', 'mail'], says: 'CERTIFICATE_INSTALLED' },
  { label: 'urgent', set: { daysLeft: 1 }, renewed: ['@', 'www', 'mail'] },
  { label: 'expired', set: { daysLeft: -5 }, renewed: ['@', 'www', 'mail'] },
  { label: 'fresh', set: { daysLeft: 60 }, renewed: null, says: 'WEBSITE_OK' },
  {
    label: 'deferred',
    set: { daysLeft: 20 },
    lost: ['mail'],
    renewed: null,
    says: 'SECURED_DOMAIN_DCV_FAILURE',
  },
  {
    label: 'stilldeferred',
    set: { daysLeft: 3.5 },
    lost: ['mail'],
    renewed: null,
    says: 'SECURED_DOMAIN_DCV_FAILURE',
  },
  {
    label: 'reduced',
    set: { daysLeft: 2.5 },
    lost: ['mail'],
    renewed: ['@', 'www'],
    says: 'COVERAGE_REDUCED',
  },
  {
    label: 'excluded',
    spec: { exclude: ['mail.excluded.test'] },
    set: { daysLeft: 20 },
    lost: ['mail'],
    renewed: ['@', 'www'],
    saysNot: 'COVERAGE_REDUCED',
  },
  {
    label: 'sold',
    set: { daysLeft: 20, names: [...apex('sold.test'), 'sold-long-ago.test'] },
    renewed: ['@', 'www', 'mail'],
    saysNot: 'COVERAGE_REDUCED',
  },
  {
    label: 'lacking',
    set: { daysLeft: 60, names: ['lacking.test', 'www.lacking.test'] },
    lost: ['www'],
    renewed: null,
    says: 'SECURED_DOMAIN_DCV_FAILURE',
  },
  {
    label: 'growing',
    set: { daysLeft: 60, names: ['growing.test', 'www.growing.test'] },
    renewed: ['@', 'www', 'mail'],
  },
  {
    label: 'otherkey',
    set: { daysLeft: 60, keyType: 'rsa-2048' },
    renewed: null,
    says: 'WEBSITE_OK',
  },
  { label: 'duekey', set: { daysLeft: 20, keyType: 'rsa-2048' }, renewed: ['@', 'www', 'mail'] },
];

const FOREIGN_LEFT_ALONE: readonly Case[] = [
  { label: 'ishealthy', set: { daysLeft: 60, provider: null }, renewed: null, says: 'WEBSITE_OK' },
  { label: 'isending', set: { daysLeft: 2, provider: null }, renewed: null },
  { label: 'isexpired', set: { daysLeft: -2, provider: null }, renewed: null, says: 'FOREIGN_CERTIFICATE' },
  {
    label: 'islacking',
    set: { daysLeft: 60, provider: null, names: ['islacking.test'] },
    renewed: null,
    says: 'FOREIGN_CERTIFICATE',
  },
];

const FOREIGN_CLOBBERED: readonly Case[] = [
  { label: 'washealthy', set: { daysLeft: 60, provider: null }, renewed: null, says: 'WEBSITE_OK' },
  { label: 'wasending', set: { daysLeft: 2, provider: null }, renewed: ['@', 'www', 'mail'] },
  { label: 'wasexpired', set: { daysLeft: -2, provider: null }, renewed: ['@', 'www', 'mail'] },
  {
    label: 'waslacking',
    set: { daysLeft: 60, provider: null, names: ['waslacking.test'] },
    renewed: null,
    says: 'FOREIGN_CERTIFICATE',
  },
];

const titleOf = ({ label, set, renewed }: Case): string =>
  `${label}: ${set.daysLeft} days left, ${renewed === null ? 'the old one stays' : `renewed for ${renewed.join(', ')}`}`;

describeWithParts('renewal at a real CA', ['pebble', 'openssl'], () => {
  let site: CaSite;
  let shortLived: CaSite;
  let shortTree: HostedTree;
  let firstOfShort: string;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
    shortLived = await startCaSite({ validityPeriod: SHORT_LIFE_SECONDS });
    shortTree = await shortLived.host({ alice: { domain: 'short.test', ...EC } });
    await shortLived.choose(shortTree);
    expect(await shortTree.run('autossl_check', '--all')).toMatchObject({ exitCode: 0 });
    firstOfShort = installedFingerprint(shortTree, 'short.test');
  }, LONGEST_MS);
  afterAll(async () => {
    await site?.stop();
    await shortLived?.stop();
  });

  function judge(hosted: HostedTree, one: Case, before: string, records: readonly LogRecord[]): void {
    const domain = `${one.label}.test`;
    const mine = records.filter(({ vhost }) => vhost === domain).map(({ code }) => code);
    if (one.says !== undefined) expect(mine).toContain(one.says);
    if (one.saysNot !== undefined) expect(mine).not.toContain(one.saysNot);
    if (one.renewed === null) {
      expect(installedFingerprint(hosted, domain)).toBe(before);
      expect(mine).not.toContain('ORDERING');
      return;
    }
    expect(installedFingerprint(hosted, domain)).not.toBe(before);
    // The kind of key that the account asks for, whatever the old one was.
    expect(installedSet(hosted, domain).key.asymmetricKeyType).toBe('ec');
    const names = one.renewed.map((label) => (label === '@' ? domain : `${label}.${domain}`));
    expect(faultsOf(hosted, domain, names, hosted.path('/etc/ssl/roots.pem'))).toEqual([]);
  }

  describe.each([
    ['certificates of ours', OURS, 0],
    ['certificates of others', FOREIGN_LEFT_ALONE, 0],
    ['certificates of others with clobber_externally_signed', FOREIGN_CLOBBERED, 1],
  ])('%s', (_, cases, clobber) => {
    let hosted: HostedTree;
    let records: readonly LogRecord[];
    let before: ReadonlyMap<string, string>;
    beforeAll(async () => {
      hosted = await aServerOf(site, cases, clobber);
      before = new Map(cases.map(({ label }) => [label, installedFingerprint(hosted, `${label}.test`)]));
      const { exitCode, stderr } = await hosted.run('autossl_check', '--all');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      records = lastRecords(hosted);
    }, LONGEST_MS);

    test.each(cases.map((one) => [titleOf(one), one] as const))('%s', (_title, one) => {
      judge(hosted, one, before.get(one.label) ?? '', records);
    });
  });

  describe('of one server', () => {
    let hosted: HostedTree;
    beforeAll(async () => {
      hosted = await aServerOf(site, [
        { label: 'aaa', set: { daysLeft: 20 }, renewed: [] },
        { label: 'bbb', set: { daysLeft: 10 }, lost: ['mail'], renewed: [] },
        { label: 'ccc', set: { daysLeft: 5 }, renewed: [] },
        { label: 'yyy', set: { daysLeft: -1 }, renewed: [] },
        { label: 'zzz', set: { daysLeft: 60, keyType: 'rsa-2048' }, renewed: [] },
      ]);
    });

    test('new comes before renewal, then the least lifetime left; a reissue for the key type is last', async () => {
      expect(await hosted.run('autossl_check', '--all', '--reissue')).toMatchObject({
        exitCode: 0,
        stderr: '',
      });
      const records = lastRecords(hosted);
      const vhostsOf = (code: string): (string | undefined)[] =>
        records.filter((record) => record.code === code).map(({ vhost }) => vhost);
      expect(vhostsOf('PLANNED')).toEqual(['yyy.test', 'ccc.test', 'bbb.test', 'aaa.test', 'zzz.test']);
      expect(vhostsOf('ORDERING')).toEqual(['yyy.test', 'ccc.test', 'aaa.test', 'zzz.test']);
      expect(installedSet(hosted, 'zzz.test').key.asymmetricKeyType).toBe('ec');
    });

    test('the deferral says until when and for whom', () => {
      const impeded = lastRecords(hosted).find(({ code }) => code === 'SECURED_DOMAIN_DCV_FAILURE');
      const { validTo } = installedSet(hosted, 'bbb.test').leaf;
      const endsAt = new Date(Date.parse(validTo) - 3 * DAY_MS).toISOString();
      expect(impeded).toMatchObject({
        vhost: 'bbb.test',
        type: 'warn',
        fault: 'owner',
        data: { dueAt: endsAt, failing: ['mail.bbb.test'] },
      });
      expect(impeded?.contents).toContain(endsAt);
    });

    test('what was replaced lies in the archive; both issues are recorded, the newest first', () => {
      const archived = readdirSync(hosted.path('/var/cpanel/ssl/autossl/archive/aaa.test'));
      expect(archived).toHaveLength(1);
      const issued = readJsonSync(join(hosted.tree.issued(), 'aaa.test.json')).records;
      expect(issued.map(({ because }: { because: unknown }) => because)).toEqual([
        ['RENEWAL_DUE'],
        ['CERTIFICATE_ABSENT'],
      ]);
      expect(issued[0].fingerprint).toBe(installedFingerprint(hosted, 'aaa.test'));
    });

    test('the next run has nothing to renew', async () => {
      site.proxy.clear();
      const { exitCode, stdout } = await hosted.run('autossl_check', '--all');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('nothing to do');
      expect(site.proxy.newOrders()).toBe(0);
    });
  });

  test(
    'a certificate of less than a minute is renewed from the half of its life on',
    async () => {
      shortLived.proxy.clear();
      for (;;) {
        const { stdout } = await shortTree.run('autossl_check', '--all', '--dry-run', '--json');
        const [action] = JSON.parse(stdout).plan.actions;
        if (action !== undefined) break;
        expect(Date.now()).toBeLessThan(Date.parse(installedSet(shortTree, 'short.test').leaf.validTo));
        await pause(500);
      }
      const half =
        Date.parse(installedSet(shortTree, 'short.test').leaf.validTo) - (SHORT_LIFE_SECONDS * 1000) / 2;
      expect(Date.now()).toBeGreaterThanOrEqual(half - 1000);
      expect(await shortTree.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(shortLived.proxy.newOrders()).toBe(1);
      expect(installedFingerprint(shortTree, 'short.test')).not.toBe(firstOfShort);
    },
    LONGEST_MS,
  );
});
