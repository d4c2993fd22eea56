import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import type { AccountInventory } from '../../../src/core/domain/website/website.js';
import {
  isCheckInProgress,
  type StartCheckHost,
  startCheckOf,
  startCheckOfAll,
} from '../../../src/runs/manage/start-check.js';

const ALICE = parseAccountName('alice');
const HOLDER = { pid: 4711, startedAt: '2026-11-22T02:17:00.000Z', note: 'autossl_check' };
const READY: AccountInventory = {
  state: 'ready',
  account: {
    name: ALICE,
    primaryDomain: 'alice.test' as never,
    owner: 'root',
    isReseller: false,
    homeDirectory: null,
    contactEmail: null,
  },
  websites: [],
  faults: [],
};

function aHost(
  facts: {
    readonly inventory?: AccountInventory | undefined;
    readonly held?: readonly string[];
    readonly provider?: 'chosen' | 'never-set' | 'disabled';
    readonly fault?: string;
  } = {},
): StartCheckHost & { readonly started: (string | null)[] } {
  const started: (string | null)[] = [];
  const { held = [], provider = 'chosen', fault } = facts;
  const inventory = 'inventory' in facts ? facts.inventory : READY;
  return {
    started,
    accounts: { read: async () => inventory },
    runs: { holderOf: (name) => (held.includes(name) ? HOLDER : null) },
    providerState: () => provider,
    starter: {
      start: async (account) => {
        started.push(account);
        return fault === undefined ? { pid: 17 } : { fault };
      },
    },
  };
}

describe('a check in the background', () => {
  test('is started for one account, beside a run of all', async () => {
    const host = aHost({ held: ['run'] });
    expect(await startCheckOf('alice', host)).toBe(17);
    expect(host.started).toEqual(['alice']);
  });

  test('is started for all accounts, beside a run of one', async () => {
    const host = aHost({ held: ['run:alice'] });
    expect(await startCheckOfAll(host)).toBe(17);
    expect(host.started).toEqual([null]);
  });

  test.each([
    ['there is no such account', { inventory: undefined }, 'there is no account “alice”'],
    [
      'the account is suspended',
      { inventory: { state: 'skipped', account: ALICE, reason: 'suspended' } as const },
      'is suspended',
    ],
    [
      'it does not have the feature',
      { inventory: { state: 'skipped', account: ALICE, reason: 'no-autossl-feature' } as const },
      'feature “autossl”',
    ],
    ['AutoSSL is disabled', { provider: 'disabled' as const }, 'disabled'],
    ['no provider was ever chosen', { provider: 'never-set' as const }, 'no provider'],
    ['a check of it is under way', { held: ['run:alice'] }, 'process 4711'],
  ])('is not started when %s', async (_, facts, why) => {
    const host = aHost(facts);
    await expect(startCheckOf('alice', host)).rejects.toThrow(why);
    expect(host.started).toEqual([]);
  });

  test('that does not start is a fault', async () => {
    await expect(startCheckOf('alice', aHost({ fault: 'no memory' }))).rejects.toMatchObject({
      code: 'NOT_STARTED',
      message: expect.stringContaining('no memory'),
    });
  });

  test.each([
    [[], false],
    [['run'], true],
    [['run:alice'], true],
    [['run:bob', 'run:services'], false],
  ])('with runs %j under way, one of alice is: %s', (held, expected) => {
    expect(isCheckInProgress(ALICE, aHost({ held }).runs)).toBe(expected);
  });
});
