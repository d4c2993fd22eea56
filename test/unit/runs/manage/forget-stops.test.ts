import { beforeEach, expect, test } from '@jest/globals';
import { renderForgottenStops } from '../../../../src/core/report/tables/forgotten-stops.js';
import { type ForgettingHost, forgetStops } from '../../../../src/runs/manage/forget-stops.js';
import { fixedClock } from '../../../support/fixed-clock.js';
import { MemoryLedger, MemoryLocks } from '../../../support/memory-stores.js';

const NOW = '2026-11-22T03:00:00.000Z';
const LATER = '2026-11-28T03:00:00.000Z';
const STOP = {
  scope: 'registered-domain' as const,
  key: 'a.test',
  until: LATER,
  because: 'rateLimited: too many',
  unpauseUrl: null,
  holdsRenewals: false,
};

let ledger: MemoryLedger;
let locks: MemoryLocks;
let host: ForgettingHost;
beforeEach(async () => {
  ledger = new MemoryLedger();
  locks = new MemoryLocks();
  host = {
    clock: fixedClock(NOW),
    locks,
    ledger: {
      read: (name) => ledger.read(name),
      write: (record) => ledger.write(record),
      providers: async () => [...ledger.records.keys()],
    },
  };
  for (const provider of ['LetsEncrypt', 'ZeroSSL']) {
    await ledger.write({
      schemaVersion: 1,
      provider,
      newOrders: [],
      fullAt: { 'new-orders': LATER },
      stops: [STOP, { ...STOP, key: 'over.test', until: NOW }],
      stoppedUntil: LATER,
      stoppedBecause: 'serverInternal: overloaded',
      stoppedAt: NOW,
    });
  }
});

test('the stops of one provider are lifted and named; what we counted ourselves stays', async () => {
  const forgotten = await forgetStops('letsencrypt', host);
  expect([...renderForgottenStops(forgotten)]).toEqual([
    expect.stringMatching(/^LetsEncrypt: our account was stopped until 2026-11-28.*overloaded.*; lifted\.$/),
    expect.stringMatching(/^LetsEncrypt: a\.test was stopped until 2026-11-28.*too many.*; lifted\.$/),
    expect.stringContaining('autossl_check --all'),
  ]);
  expect(ledger.records.get('LetsEncrypt')).toMatchObject({
    stops: [],
    stoppedUntil: null,
    stoppedBecause: null,
    fullAt: { 'new-orders': LATER },
  });
  expect(ledger.records.get('ZeroSSL')).toMatchObject({ stoppedUntil: LATER });
  expect(locks.held).toEqual([]);
});

test('of all providers, once', async () => {
  expect(await forgetStops(null, host)).toHaveLength(4);
  expect([...renderForgottenStops(await forgetStops(null, host))]).toEqual(['Nothing was stopped.']);
});

test('a provider at which nothing was ordered is wrong usage', async () => {
  await expect(forgetStops('Actalis', host)).rejects.toMatchObject({ code: 'UNKNOWN_PROVIDER' });
});

test('nothing is written when the lock is lost', async () => {
  locks.lost.add('ledger:LetsEncrypt');
  await expect(forgetStops('LetsEncrypt', host)).rejects.toMatchObject({ code: 'LOCK_LOST' });
  expect(ledger.records.get('LetsEncrypt')).toMatchObject({ stoppedUntil: LATER });
});
