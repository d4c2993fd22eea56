import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import type { AccountInventory } from '../../../src/core/domain/website/website.js';
import { Unclaimed } from '../../../src/core/plan/served/unclaimed.js';
import { aWebsite } from '../../support/fake-host.js';

const ready = (name: string, ...websites: readonly (readonly string[])[]): AccountInventory => ({
  state: 'ready',
  account: {
    name: parseAccountName(name),
    primaryDomain: aWebsite(['x.test']).vhost as never,
    owner: 'root',
    isReseller: false,
    homeDirectory: null,
    contactEmail: null,
  },
  websites: websites.map((names) => aWebsite(names, name)),
  faults: [],
});

describe('what a full run did not meet', () => {
  test('are the websites, names, memories and accounts that no account has', () => {
    const unclaimed = new Unclaimed({
      websites: ['a.test', '*.a.test', 'old.test'],
      copies: ['a.test', 'www.a.test', 'mail.old.test'],
      remembered: ['www.a.test', 'gone.test'],
      accounts: ['alice', 'bob', 'carol'],
    });
    unclaimed.meet(ready('alice', ['a.test', 'www.a.test'], ['*.a.test']));
    unclaimed.meet({ state: 'skipped', account: parseAccountName('bob'), reason: 'suspended' });
    expect([...unclaimed.websites]).toEqual(['old.test']);
    expect([...unclaimed.copies]).toEqual(['mail.old.test']);
    expect([...unclaimed.remembered]).toEqual(['gone.test']);
    expect([...unclaimed.accounts]).toEqual(['carol']);
    expect(unclaimed.known).toBe(3);
  });

  test.each<[string, string | null, readonly AccountInventory[], string]>([
    ['nobody’s, and no account is hidden', 'alice', [ready('bob')], 'nobodys'],
    [
      'of an account that is there without it, though another is unknown',
      'alice',
      [ready('alice'), { state: 'broken', account: 'x', fault: {} as never }],
      'nobodys',
    ],
    [
      'of an account that is gone, while another is unknown',
      'alice',
      [{ state: 'broken', account: 'x', fault: {} as never }],
      'unsure',
    ],
    [
      'of an account that is broken behind its users file',
      'alice',
      [{ state: 'broken', account: 'alice', fault: {} as never, domains: ['other.test'] }],
      'hidden',
    ],
    [
      'below a domain of a suspended account',
      null,
      [{ state: 'skipped', account: parseAccountName('bob'), reason: 'suspended', domains: ['Old.test'] }],
      'hidden',
    ],
    [
      'beside the domains of a suspended account',
      null,
      [{ state: 'skipped', account: parseAccountName('bob'), reason: 'suspended', domains: ['p.old.test'] }],
      'nobodys',
    ],
  ])('a website is %s', (_, account, inventories, standing) => {
    const unclaimed = new Unclaimed({
      websites: ['shop.old.test'],
      copies: [],
      remembered: [],
      accounts: [],
    });
    for (const inventory of inventories) unclaimed.meet(inventory);
    expect(unclaimed.standingOf('shop.old.test', account)).toBe(standing);
  });
});
