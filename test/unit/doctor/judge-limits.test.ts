import { expect, test } from '@jest/globals';
import { judgeLimits } from '../../../src/core/doctor/judge-limits.js';
import type { AccountLimits } from '../../../src/core/report/tables/limits-table.js';

const AT = '2026-11-22T03:00:00.000Z';
const TONIGHT = '2026-11-22T09:00:00.000Z';
const NEXT_WEEK = '2026-11-28T03:00:00.000Z';
const ACCOUNT: AccountLimits = {
  provider: 'LetsEncrypt',
  isActive: true,
  newOrders: 0,
  cap: 150,
  left: 150,
  opensAt: null,
  fullAt: null,
  failedBefore: null,
  domains: [],
  stops: [],
  stoppedUntil: null,
  stoppedBecause: null,
  downSince: null,
  downBecause: null,
};
const stop = (key: string, until: string) =>
  ({ scope: 'name', key, until, because: 'rateLimited: no', unpauseUrl: null }) as const;

test.each<[string, Partial<AccountLimits>, readonly unknown[]]>([
  ['nothing is stopped', {}, [{ health: 'ok' }]],
  [
    'the account, for hours',
    { stoppedUntil: TONIGHT, stoppedBecause: 'rateLimited: no' },
    [{ health: 'warning', advice: 'See: autossl limits' }],
  ],
  [
    'the account, for days',
    { stoppedUntil: NEXT_WEEK, stoppedBecause: 'rateLimited: no' },
    [{ health: 'warning', advice: expect.stringContaining('autossl limits --forget LetsEncrypt') }],
  ],
  ['a name, for hours', { stops: [stop('a.test', TONIGHT)] }, [{ health: 'ok' }]],
  [
    'two names, for days',
    { stops: [stop('a.test', NEXT_WEEK), stop('b.test', NEXT_WEEK)] },
    [
      {
        message: expect.stringContaining('a.test and 1 other'),
        advice: expect.stringContaining('--forget LetsEncrypt'),
      },
    ],
  ],
])('%s', (_, over, expected) => {
  expect(judgeLimits({ at: AT, accounts: [{ ...ACCOUNT, ...over }], faults: [] })).toMatchObject(expected);
});

test('a ledger that cannot be read is a fault', () => {
  const faults = [{ code: 'CORRUPT_RECORD', message: 'ledger/X.json is no JSON', advice: null }];
  expect(judgeLimits({ at: AT, accounts: [], faults })).toMatchObject([{ health: 'fault' }]);
});
