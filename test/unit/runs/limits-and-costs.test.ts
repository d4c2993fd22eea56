import { describe, expect, test } from '@jest/globals';
import type { AccountName } from '../../../src/core/domain/account/account-name.js';
import { LETS_ENCRYPT_LIMITS } from '../../../src/core/order/limits/published-limits.js';
import { renderKeyTypeCost } from '../../../src/core/report/key-type-cost.js';
import { changeKeyType, type KeyTypeHost } from '../../../src/runs/manage/key-type.js';
import { type LimitsHost, readLimits } from '../../../src/runs/manage/limits.js';
import { defectOf } from '../../support/fake-certificate.js';
import { FAKE_NOW, FakeHost } from '../../support/fake-host.js';

const DAY_MS = 86_400_000;
/** Less than a third of the fake certificates' life. */
const DAYS_TO_REPLACE = 29;
const inDays = (days: number): string => new Date(Date.parse(FAKE_NOW) + days * DAY_MS).toISOString();

describe('what another key type costs', () => {
  function aServer(): { readonly host: KeyTypeHost; readonly changed: Map<string, string | null> } {
    const fake = new FakeHost();
    fake
      .account('alice', [['a.test'], ['b.test'], ['foreign.test'], ['none.test']])
      .certificate('a.test', ['a.test'], { daysLeft: 60 })
      .certificate('b.test', ['b.test'], { daysLeft: 45 })
      .certificate('foreign.test', ['foreign.test'], { isOurs: false });
    const changed = new Map<string, string | null>();
    const host: KeyTypeHost = {
      ...fake,
      accounts: fake.accounts,
      // Every certificate that lies there has an RSA key.
      evaluate: (website, evidence, issued, now) => {
        const evaluation = fake.evaluate(website, evidence, issued, now);
        if (website.keyType === 'rsa-2048' || evaluation.fingerprint === null) return evaluation;
        const other = defectOf('KEY_TYPE_DIFFERS', 'preference');
        return { ...evaluation, defects: [...evaluation.defects, other] };
      },
      serverKeyType: 'rsa-2048',
      files: {
        read: async (account: AccountName) => (account === 'alice' ? new Map() : undefined),
        change: async (account, values) => {
          for (const [key, value] of values) changed.set(`${account} ${key}`, value);
          return true;
        },
      },
    };
    return { host, changed };
  }

  test('is an order for each certificate of ours, at the instant of its renewal', async () => {
    const { host, changed } = aServer();
    const [cost] = await changeKeyType({ users: ['alice'], type: 'ecdsa-prime256v1', isDryRun: false }, host);
    expect(cost).toEqual({
      account: 'alice',
      keyType: 'ecdsa-prime256v1',
      isLookedAt: true,
      notLookedAt: null,
      certificates: 3,
      orders: 2,
      firstAt: inDays(45 - DAYS_TO_REPLACE),
      lastAt: inDays(60 - DAYS_TO_REPLACE),
      isChanged: true,
    });
    expect(changed).toEqual(new Map([['alice SSL_DEFAULT_KEY_TYPE', 'ecdsa-prime256v1']]));
    expect(cost && renderKeyTypeCost(cost)).toBe(
      'alice: ecdsa-prime256v1: 2 of 3 certificates will be ordered anew when due, the first from 2026-06-17T00:00:00Z on, the last from 2026-07-02T00:00:00Z on. All at once: autossl_check --user alice --reissue',
    );
  });

  test.each([
    ['the type that the keys have', 'rsa-2048'],
    ['that of the server, which the keys have', 'system'],
  ])('is nothing for %s', async (_, type) => {
    const { host } = aServer();
    const [cost] = await changeKeyType({ users: ['alice'], type, isDryRun: false }, host);
    expect(cost).toMatchObject({ keyType: 'rsa-2048', orders: 0, firstAt: null });
  });

  test.each([
    ['only asked about', ['alice'], 'ecdsa-prime256v1', true],
    ['an unknown account', ['alice', 'nobody'], 'ecdsa-prime256v1', false],
    ['an unknown type', ['alice'], 'ed25519', false],
  ])('changes nothing: %s', async (_, users, type, isDryRun) => {
    const { host, changed } = aServer();
    await changeKeyType({ users, type, isDryRun }, host).catch(() => undefined);
    expect(changed.size).toBe(0);
  });
});

describe('what the brakes hold', () => {
  function aServer(): { readonly fake: FakeHost; readonly host: LimitsHost } {
    const fake = new FakeHost();
    fake.account('alice', [['a.test'], ['b.test'], ['old.test']]);
    const host: LimitsHost = {
      ...fake,
      accounts: fake.accounts,
      openJudging: async () => ({ ...fake, evaluate: fake.evaluate }),
      ledger: {
        read: (provider) => fake.ledger.read(provider),
        providers: async () => [...fake.ledger.records.keys()],
      },
      listNames: async function* () {
        yield* fake.names.records.values();
      },
      provider: 'LetsEncrypt',
      replacingAccount: async () => null,
      limitsOf: (provider) => ({
        newOrders: provider === 'LocalCA' ? Number.POSITIVE_INFINITY : 2,
        published: LETS_ENCRYPT_LIMITS,
      }),
    };
    return { fake, host };
  }

  test('nothing, on a fresh server', async () => {
    const { host } = aServer();
    expect(await readLimits(host)).toMatchObject({
      accounts: [{ provider: 'LetsEncrypt', newOrders: 0, cap: 2, opensAt: null, stoppedUntil: null }],
      names: { hourlyLimit: 0, backoff: 0, firstAt: null },
      websites: [],
      faults: [],
    });
  });

  test('a website whose young certificate is gone for the same reason, and none whose certificate is old', async () => {
    const { fake, host } = aServer();
    const gone = ['CERTIFICATE_ABSENT'];
    fake.certificate('a.test', ['a.test'], { daysLeft: 89, because: gone });
    fake.certificate('b.test', ['b.test'], { daysLeft: 89, because: gone });
    fake.certificate('old.test', ['old.test'], { daysLeft: 60, because: gone });
    fake.present.delete('a.test');
    fake.present.delete('old.test');
    expect((await readLimits(host)).websites).toMatchObject([
      { account: 'alice', website: 'a.test', code: 'ISSUED_RECENTLY', until: inDays(8) },
    ]);
  });

  test('an account whose cap is reached says when the next may be asked for, one of our own never', async () => {
    const { fake, host } = aServer();
    const minutesAgo = (minutes: number): string =>
      new Date(Date.parse(FAKE_NOW) - minutes * 60_000).toISOString();
    const newOrders = [minutesAgo(200), minutesAgo(60), minutesAgo(30)];
    for (const provider of ['LetsEncrypt', 'LocalCA']) {
      await fake.ledger.write({
        schemaVersion: 1,
        provider,
        newOrders,
        stoppedUntil: null,
        stoppedBecause: null,
      });
    }
    expect((await readLimits(host)).accounts).toMatchObject([
      {
        provider: 'LetsEncrypt',
        newOrders: 2,
        cap: 2,
        left: 0,
        opensAt: minutesAgo(-30),
        fullAt: minutesAgo(-120),
      },
      { provider: 'LocalCA', newOrders: 0, cap: null, left: null, opensAt: null },
    ]);
  });

  test('parts of an account that its provider stopped, with where a pause ends, and domains whose share is spent', async () => {
    const { fake, host } = aServer();
    const stops = [
      {
        scope: 'name' as const,
        key: 'a.test',
        until: inDays(1),
        because: 'rateLimited: paused',
        unpauseUrl: 'https://ca.test/unpause?jwt=x',
        holdsRenewals: true,
      },
      {
        scope: 'name' as const,
        key: 'over.test',
        until: inDays(-1),
        because: '',
        unpauseUrl: null,
        holdsRenewals: false,
      },
    ];
    await fake.ledger.write({
      schemaVersion: 1,
      provider: 'LetsEncrypt',
      newOrders: [],
      fullAt: { 'domain b.test': inDays(7), 'domain c.test': inDays(1) },
      stops,
      stoppedUntil: null,
      stoppedBecause: null,
      downSince: inDays(-1),
      downBecause: 'it did not answer',
    });
    const [account] = (await readLimits(host)).accounts;
    expect(account?.stops).toEqual([
      {
        scope: 'name',
        key: 'a.test',
        until: inDays(1),
        because: 'rateLimited: paused',
        unpauseUrl: 'https://ca.test/unpause?jwt=x',
      },
    ]);
    expect(account?.domains).toMatchObject([
      { domain: 'b.test', left: 0, cap: 45 },
      { domain: 'c.test', left: 38, cap: 45, opensAt: null },
    ]);
    expect(account).toMatchObject({ downSince: inDays(-1), downBecause: 'it did not answer' });
  });

  test('what the planned run would cost, where that is asked', async () => {
    const { fake, host } = aServer();
    expect((await readLimits(host)).plan).toBeNull();
    fake.certificate('old.test', ['old.test'], { daysLeft: 60 });
    fake.provider = { ...fake.provider, name: 'LetsEncrypt' };
    fake.certificate('b.test', ['b.test'], { daysLeft: 10 });
    expect((await readLimits(host, { isPlanAsked: true })).plan).toEqual({
      provider: 'LetsEncrypt',
      orders: 2,
      exempt: 1,
      failedBefore: 0,
      doneAt: null,
      domains: [],
    });
  });

  test.each([
    ['say what they replace are exempt, though they have a name more', 'https://ca.test/account/1', 1],
    ['name nothing of another account count', 'https://ca.test/account/2', 0],
    ['are of a CA without renewal information count', null, 0],
  ])('planned renewals that %s', async (_, acmeAccountUrl, exempt) => {
    const { fake, host } = aServer();
    fake.provider = { ...fake.provider, name: 'LetsEncrypt' };
    fake.account('bob', [['grown.test', 'new.grown.test']]);
    fake.certificate('grown.test', ['grown.test'], { daysLeft: 10, ariId: 'AAAA.1' });
    const account = acmeAccountUrl === null ? null : { directoryUrl: fake.directoryUrl, acmeAccountUrl };
    const asked = { ...host, accounts: fake.accounts, replacingAccount: async () => account };
    const { plan } = await readLimits(asked, { isPlanAsked: true });
    // The other three websites have no certificate yet.
    expect(plan).toMatchObject({ orders: 4, exempt });
  });

  test('names in backoff', async () => {
    const { fake, host } = aServer();
    await fake.names.write({
      schemaVersion: 1,
      name: 'a.test',
      lastPassedAt: null,
      consecutiveFailures: 1,
      caFailures: [{ at: inDays(-1), provider: 'LetsEncrypt', code: 'dns' }],
      lastFailure: null,
      nextAttemptAt: inDays(1),
    });
    expect((await readLimits(host)).names).toEqual({ hourlyLimit: 0, backoff: 1, firstAt: inDays(1) });
  });
});
