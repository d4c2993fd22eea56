import { describe, expect, test } from '@jest/globals';
import { METADATA_DEFAULTS } from '../../../src/core/domain/metadata-key.js';
import type { PlannedAction } from '../../../src/core/plan/action.js';
import { renderExclusions } from '../../../src/core/report/tables/exclusions-table.js';
import { type Limits, renderLimits } from '../../../src/core/report/tables/limits-table.js';
import { type ListedLog, renderLogs, sortLogs } from '../../../src/core/report/tables/logs-table.js';
import { renderOptions } from '../../../src/core/report/tables/options-table.js';
import { renderPlanTable } from '../../../src/core/report/tables/plan-table.js';
import {
  type QUEUE_SORTS,
  type QueuedOrder,
  renderQueue,
  sortQueue,
} from '../../../src/core/report/tables/queue-table.js';
import { renderUsers } from '../../../src/core/report/tables/users-table.js';
import { expectGolden } from '../../support/golden.js';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const EVIL = 'evil\u001b[31mred\u202e';
const LONG = 'a-website-with-a-very-long-name-indeed.and-a-long-domain.example';

const order = (over: Partial<QueuedOrder>): QueuedOrder => ({
  id: '1780300000000-0123456789abcdef',
  account: 'alice',
  website: 'shop.example.com',
  provider: 'LetsEncrypt',
  phase: 'finalized',
  names: ['shop.example.com', 'www.shop.example.com'],
  requestedAt: '2026-06-01T11:30:00.000Z',
  lastPolledAt: null,
  pollAt: '2026-06-01T12:04:00.000Z',
  log: '/var/cpanel/logs/autossl/2026-06-01T11:29:12Z',
  ...over,
});
const ORDERS = [
  order({}),
  order({ account: 'bob', website: LONG, phase: 'downloaded', requestedAt: '2026-05-29T02:14:33.000Z' }),
  order({
    website: EVIL,
    phase: 'journalled',
    pollAt: null,
    log: null,
    requestedAt: '2026-06-01T11:59:00.000Z',
  }),
  order({
    phase: 'failed',
    pollAt: '2026-06-01T11:00:00.000Z',
    provider: 'Sectigo',
    names: ['shop.example.com'],
  }),
];

const LIMITS: Limits = {
  schemaVersion: 1,
  at: NOW.toISOString(),
  accounts: [
    {
      provider: 'LetsEncrypt',
      isActive: true,
      newOrders: 150,
      cap: 150,
      left: 0,
      opensAt: '2026-06-01T12:41:07.000Z',
      fullAt: '2026-06-01T15:00:00.000Z',
      failedBefore: { left: 12, cap: 30 },
      domains: [
        { domain: 'hosting.example', left: 0, cap: 45, opensAt: '2026-06-01T13:44:00.000Z' },
        { domain: 'customer.example', left: 44, cap: 45, opensAt: null },
      ],
      stops: [
        {
          scope: 'registered-domain',
          key: 'example.org',
          until: '2026-06-01T18:00:00.000Z',
          because: 'rateLimited: too many certificates (50) already issued for "example.org"',
          unpauseUrl: null,
        },
        {
          scope: 'name',
          key: 'dead.example.net',
          until: '2026-06-02T12:00:00.000Z',
          because: `rateLimited: Your account is temporarily prevented ${EVIL}`,
          unpauseUrl: 'https://portal.ca.example/sfe/v1/unpause?jwt=abc',
        },
        {
          scope: 'exact-set',
          key: 'a.example,www.a.example',
          until: '2026-06-02T13:00:00.000Z',
          because: 'rateLimited: this exact set',
          unpauseUrl: null,
        },
      ],
      stoppedUntil: null,
      stoppedBecause: null,
      downSince: null,
      downBecause: null,
    },
    {
      provider: 'ZeroSSL',
      isActive: false,
      newOrders: 3,
      cap: 150,
      left: 147,
      fullAt: null,
      failedBefore: null,
      domains: [],
      stops: [],
      downSince: null,
      downBecause: null,
      opensAt: null,
      stoppedUntil: '2026-06-02T00:00:00.000Z',
      stoppedBecause: `rateLimited: too many new orders recently: see https://ca.example/docs/limits ${EVIL}`,
    },
    {
      provider: 'LocalCA',
      isActive: false,
      newOrders: 0,
      cap: null,
      left: null,
      fullAt: null,
      failedBefore: null,
      domains: [],
      stops: [],
      downSince: '2026-06-01T09:00:00.000Z',
      downBecause: null,
      opensAt: null,
      stoppedUntil: null,
      stoppedBecause: null,
    },
  ],
  names: {
    hourlyLimit: 1,
    backoff: 12,
    firstAt: '2026-06-01T12:20:00.000Z',
    failed: [
      {
        name: `dead.${LONG}`,
        left: 0,
        cap: 3,
        opensAt: '2026-06-01T12:20:00.000Z',
        fullAt: '2026-06-01T12:50:00.000Z',
      },
    ],
  },
  sets: [
    {
      provider: 'LetsEncrypt',
      names: ['again.example', `www.${LONG}`],
      left: 2,
      cap: 5,
      opensAt: null,
      fullAt: '2026-06-05T12:00:00.000Z',
    },
    {
      provider: 'LetsEncrypt',
      names: ['usual.example'],
      left: 4,
      cap: 5,
      opensAt: null,
      fullAt: '2026-06-02T12:00:00.000Z',
    },
  ],
  websites: [
    {
      account: 'alice',
      website: 'shop.example.com',
      code: 'WEEKLY_LIMIT',
      message: 'the website got its certificates of the week',
      until: '2026-06-05T02:00:00.000Z',
    },
    {
      account: 'bob',
      website: LONG,
      code: 'ISSUED_RECENTLY',
      message: 'a certificate for the same names was issued lately, and the same fault is back',
      until: '2026-06-07T02:00:00.000Z',
    },
  ],
  plan: {
    provider: 'LetsEncrypt',
    orders: 5000,
    exempt: 120,
    failedBefore: 40,
    doneAt: '2026-06-05T13:00:00.000Z',
    domains: [{ domain: 'hosting.example', orders: 60, doneAt: '2026-06-05T13:00:00.000Z' }],
  },
  faults: [],
};
const NOTHING: Limits = {
  ...LIMITS,
  accounts: [],
  names: { hourlyLimit: 0, backoff: 0, firstAt: null, failed: [] },
  sets: [],
  websites: [],
  plan: null,
};

const action = (over: Partial<PlannedAction>): PlannedAction => ({
  account: 'alice',
  vhost: 'shop.example.com',
  kind: 'request',
  because: [{ code: 'CERTIFICATE_ABSENT', message: 'There is none.' }],
  names: [],
  leftOut: [],
  dueAt: null,
  isNew: true,
  notAfter: null,
  keyType: 'rsa-2048',
  ...over,
});
const FORECAST = {
  exitCode: 0,
  problems: [],
  plan: {
    schemaVersion: 1 as const,
    provider: 'LetsEncrypt',
    user: '*',
    counts: { accounts: 2, websites: 40, kept: 38, foreign: 0 },
    actions: [
      action({}),
      action({
        account: 'bob',
        vhost: LONG,
        kind: 'replace',
        because: [
          { code: 'RENEWAL_DUE', message: 'It is due.' },
          { code: 'NAMES_MISSING', message: 'Some are missing.' },
        ],
        leftOut: [{ name: 'x.example', why: 'EXCLUDED' }],
        dueAt: '2026-06-02T00:00:00.000Z',
      }),
    ],
  },
};

const user = {
  account: 'alice',
  state: 'checked',
  feature: 'list',
  keyType: 'ecdsa-prime256v1',
  isKeyTypeOwn: false,
  websites: 12,
  message: null,
  faults: [],
} as const;
const USERS = [
  user,
  { ...user, account: 'bob', state: 'suspended', feature: 'enabled', isKeyTypeOwn: true, websites: null },
  {
    ...user,
    account: 'carol',
    state: 'no-autossl-feature',
    feature: 'disabled',
    websites: null,
    faults: ['SSL_DEFAULT_KEY_TYPE=“garbage” is not a key type; rsa-2048 is used'],
  },
  { ...user, account: 'dave', state: 'broken', websites: null, message: `/var/cpanel/users/dave: ${EVIL}` },
] as const;

const LOGS: readonly ListedLog[] = [
  { start: '2026-06-01T02:14:00Z', state: 'running', user: '*', provider: 'LetsEncrypt' },
  { start: '2026-05-31T02:14:00Z', state: 'ended', user: 'alice', provider: 'LetsEncrypt' },
  { start: '2026-05-30T02:14:00Z', state: 'ended', user: null, provider: null },
];
const options = {
  schemaVersion: 1 as const,
  administratorNotices: 2 as const,
  userNotices: 'custom' as const,
  metadata: Object.fromEntries([...METADATA_DEFAULTS.keys()].map((key, index) => [key, index % 2])) as never,
};

const TABLES: readonly (readonly [string, (width: number | null) => Iterable<string>])[] = [
  ['queue', (width) => renderQueue(ORDERS, NOW, width)],
  ['limits', (width) => renderLimits(LIMITS, width)],
  ['planned', (width) => renderPlanTable(FORECAST, width)],
  ['users', (width) => renderUsers(USERS, width)],
  ['logs', (width) => renderLogs(LOGS, width)],
  ['options', (width) => renderOptions(options, width)],
  [
    'exclusions',
    (width) =>
      renderExclusions(
        [
          { account: 'alice', name: LONG, by: 'root', at: '2026-05-20T02:14:33.123Z' },
          { account: 'bob', name: 'x.example', by: EVIL, at: null },
          { account: 'bob', name: 'y.example', by: null, at: EVIL },
        ],
        width,
      ),
  ],
];

describe.each(TABLES)('the table of %s', (name, render) => {
  test.each([80, 160])('on a terminal of %d columns', (width) => {
    const lines = [...render(width)];
    expectGolden(`report/${name}-${width}.txt`, `${lines.join('\n')}\n`);
    // Tables fit; a sentence below one wraps.
    const rows = lines.filter((line) => line.includes('  '));
    expect(rows.filter((line) => [...line].length > width)).toEqual([]);
  });

  test('is not shortened in a pipe, and steers no terminal', () => {
    const text = [...render(null)].join('\n');
    expect(text).not.toContain('…');
    expect(text).not.toMatch(/[\p{Cf}\u{7f}]/u);
    expect(text).not.toContain('\u001b');
  });
});

describe('nothing to show is said in a line', () => {
  test.each<[string, Iterable<string>, readonly string[]]>([
    ['queue', renderQueue([], NOW, 80), ['No such order pends.']],
    ['users', renderUsers([], 80), ['There is no account.']],
    ['logs', renderLogs([], 80), ['There is no such log.']],
    ['exclusions', renderExclusions([], 80), ['No name is excluded.']],
    [
      'limits',
      renderLimits(NOTHING, 80),
      [
        'No provider is active, and nothing was ordered yet.',
        '',
        'No name is put aside.',
        '',
        'No website waits because of a certificate that it got lately.',
      ],
    ],
  ])('%s', (_, lines, said) => {
    expect([...lines]).toEqual(said);
  });
});

describe('sorting', () => {
  test('of logs: newest first, also within a user', () => {
    const starts = (sort: 'start' | 'user') => sortLogs([...LOGS].reverse(), sort).map(({ start }) => start);
    expect(starts('start')).toEqual(LOGS.map(({ start }) => start));
    expect(starts('user')).toEqual(['2026-05-30T02:14:00Z', '2026-06-01T02:14:00Z', '2026-05-31T02:14:00Z']);
  });

  test.each<[(typeof QUEUE_SORTS)[number], readonly number[]]>([
    ['requested', [1, 0, 3, 2]],
    ['poll', [2, 3, 1, 0]],
    ['account', [0, 3, 2, 1]],
    ['website', [1, 2, 0, 3]],
    ['provider', [1, 0, 2, 3]],
    ['state', [2, 0, 1, 3]],
  ])('of the queue by %s', (sort, places) => {
    expect(sortQueue(ORDERS, sort)).toEqual(places.map((place) => ORDERS[place]));
  });
});
