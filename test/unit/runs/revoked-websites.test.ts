import { describe, expect, test } from '@jest/globals';
import type { KnownRevocation } from '../../../src/runs/ports/revocation.js';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';
import { fakeSerialOf } from '../../support/fake-certificate.js';
import { FAKE_NOW, type FakeHost } from '../../support/fake-host.js';
import { aRoot } from '../../support/pki.js';
import { aList } from '../../support/revocation-lists.js';

const LIST = 'http://crl.test/1.crl';
const DAY_MS = 86_400_000;
const SUPERSEDED = 4;
const KEY_COMPROMISE = 1;

/** As many websites with certificates of ours that name one list; `revoked` of them are on it. */
function hostWithList(count: number, revoked: number, reason = SUPERSEDED) {
  const { host, ca } = hostWithCa();
  const sites = manySites(count).map(([name = '']) => name);
  host.account('alice', manySites(count));
  for (const name of sites) host.certificate(name, [name], { listUrl: LIST });
  const revocation = new FakeIssuers(host);
  revocation.revoke(sites.slice(0, revoked), reason);
  host.revocation = revocation;
  return { host, ca, revocation, sites };
}

class FakeIssuers implements NonNullable<FakeHost['revocation']> {
  readonly clock;
  readonly revoked = new Map<string, KnownRevocation>();
  asked = 0;
  #list: Uint8Array = new Uint8Array();
  readonly #host: FakeHost;

  constructor(host: FakeHost) {
    this.#host = host;
    this.clock = host.clock;
  }

  revoke(vhosts: readonly string[], reason: number): void {
    const lines = vhosts.map((vhost) => ({
      serial: fakeSerialOf(this.#host.present.get(vhost)?.fingerprint ?? ''),
      reason,
    }));
    this.#list = aList({ issuer: aRoot(), lines, thisUpdate: new Date(Date.parse(FAKE_NOW) - DAY_MS) });
  }

  readonly known = {
    isKeyLost: (keyHash: string) => this.#host.lostKeys.isKeyLost(keyHash),
    of: (fingerprint: string) => this.revoked.get(fingerprint) ?? null,
    learn: async (news: ReadonlyMap<string, KnownRevocation | null>) => {
      for (const [fingerprint, one] of news) {
        if (one === null) continue;
        this.revoked.set(fingerprint, one);
        if (one.reason === 'keyCompromise') this.#host.knownLostKeys.add(one.keyHash ?? '');
      }
    },
  };
  readonly cache = { read: async () => null, keep: async () => undefined, tidy: async () => undefined };
  readonly answers = { of: () => null, keep: async () => undefined };
  readonly responders = {
    ask: async () => ({ state: 'failed' as const, isHostDown: true, why: 'nobody is there' }),
  };
  readonly download = {
    fetch: async () => {
      this.asked += 1;
      const validators = { etag: null, lastModified: null };
      return { state: 'fetched' as const, der: this.#list, validators };
    },
  };
}

describe('a run that finds revoked certificates', () => {
  test('replaces these in the same run, and counts every website once', async () => {
    const { host, ca, revocation } = hostWithList(10, 3);
    const report = await runCheck(host);
    expect(report.counts).toMatchObject({ websites: 10, kept: 7, installed: 3, foreign: 0 });
    expect(ca.ordered).toHaveLength(3);
    expect(revocation.asked).toBe(1);
    const planned = host.logged.filter(({ code }) => code === 'PLANNED');
    expect(planned).toMatchObject([
      { vhost: 's0000.test', data: { because: [{ code: 'REVOKED' }] } },
      { vhost: 's0001.test' },
      { vhost: 's0002.test' },
    ]);
  });

  test('is not stopped by how many they are: the issuer has signed it', async () => {
    const { host, ca } = hostWithList(60, 60);
    expect((await runCheck(host)).counts.installed).toBe(60);
    expect(ca.ordered).toHaveLength(60);
    expect((await runCheck(host)).counts.installed).toBe(0);
  });

  test('orders again for young certificates too, and as often as they are revoked', async () => {
    const { host, revocation, sites } = hostWithList(1, 1);
    for (const day of [1, 2, 3, 4]) {
      expect((await runCheck(host)).counts.installed).toBe(1);
      const present = host.present.get(sites[0] ?? '');
      if (present === undefined) throw new Error('nothing lies there');
      host.present.set(sites[0] ?? '', { ...present, listUrl: LIST });
      revocation.revoke(sites, SUPERSEDED);
      host.clock.set(new Date(Date.parse(FAKE_NOW) + day * DAY_MS).toISOString());
    }
  });

  test.each([
    ['superseded', SUPERSEDED],
    ['the key', KEY_COMPROMISE],
  ])('makes a new key in spite of reuseKey where the reason is %s', async (_, reason) => {
    const { host } = hostWithList(1, 1, reason);
    host.settings = { ...host.settings, reuseKey: true };
    // Whoever reads the key is stopped by the fake.
    expect((await runCheck(host)).counts.installed).toBe(1);
  });

  test('replaces in the same run what else has a key that somebody else has, and no key ever again', async () => {
    const { host, revocation } = hostWithList(3, 0);
    for (const vhost of ['s0000.test', 's0001.test'])
      host.certificate(vhost, [vhost], { listUrl: LIST, key: 'shared' });
    revocation.revoke(['s0000.test'], KEY_COMPROMISE);
    expect((await runCheck(host)).counts).toMatchObject({ installed: 2, kept: 1 });
    const planned = host.logged.filter(({ code }) => code === 'PLANNED');
    expect(planned).toMatchObject([
      { vhost: 's0000.test', data: { because: [{ code: 'REVOKED' }, { code: 'KEY_COMPROMISED' }] } },
      { vhost: 's0001.test', data: { because: [{ code: 'KEY_COMPROMISED' }] } },
    ]);
    // Of one that comes back from a backup, too, and whatever became of what was revoked.
    revocation.revoked.clear();
    host.certificate('s0002.test', ['s0002.test'], { key: 'shared' });
    expect((await runCheck(host)).counts.installed).toBe(1);
  });

  test('does not look again at what it knew already', async () => {
    const { host, revocation } = hostWithList(3, 1);
    host.unknownNames.add('s0000.test');
    await runCheck(host);
    host.logged.length = 0;
    await runCheck(host);
    expect(revocation.asked).toBe(2);
    const analysed = host.logged.filter(({ code }) => code === 'WEBSITE_ANALYSED' || code === 'WEBSITE_OK');
    expect(analysed.map(({ vhost }) => vhost)).toEqual(['s0000.test', 's0001.test', 's0002.test']);
  });

  test('leaves certificates of others alone, and does not ask about them', async () => {
    const { host, ca, revocation } = hostWithList(1, 1);
    host.issued.records.clear();
    expect((await runCheck(host)).counts).toMatchObject({ kept: 1, foreign: 1 });
    expect([ca.ordered.length, revocation.asked]).toEqual([0, 0]);
  });

  test('asks about one account only where only that is checked', async () => {
    const { host } = hostWithList(2, 2);
    host
      .account('bob', [['bob.test']])
      .certificate('bob.test', ['bob.test'], { listUrl: 'http://crl.test/2' });
    await runCheck(host, { user: 'alice' });
    expect(host.logged.find(({ code }) => code === 'REVOCATIONS_ASKED')?.data).toMatchObject({
      certificates: 2,
      lists: 1,
    });
  });
});
