import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import type { AccountInventory, Website } from '../../../src/core/domain/website/website.js';
import { NameSearch } from '../../../src/core/report/why/name-holding.js';
import { aWebsite, FakeHost } from '../../support/fake-host.js';

const HOSTNAME = 'server1.hoster.test';

function aServer(): readonly AccountInventory[] {
  const fake = new FakeHost();
  fake
    .account('alice', [['alice.test', 'www.alice.test'], ['*.many.alice.test']])
    .account('bob', [['shop.bob.test', 'bob.test']]);
  const excluded: Website = {
    ...aWebsite(['carol.test'], 'carol'),
    excluded: [parseHostName('mail.carol.test')],
  };
  const taken: Website = { ...aWebsite(['other.test'], 'carol'), vhost: parseHostName('taken.test') };
  return [
    ...fake.inventories,
    {
      state: 'ready',
      account: {
        name: parseAccountName('carol'),
        primaryDomain: parseHostName('carol.test') as never,
        owner: 'root',
        isReseller: false,
        homeDirectory: null,
        contactEmail: null,
      },
      websites: [excluded, taken],
      faults: [
        {
          code: 'WEBSITE_FILE_INVALID',
          path: '/x',
          vhost: 'hurt.carol.test',
          message: '/x: it is not YAML \u001b',
        },
      ],
    },
    { state: 'skipped', account: parseAccountName('dave'), reason: 'suspended', domains: ['Dave.test'] },
    { state: 'broken', account: 'eve', fault: fault('/eve'), domains: ['eve.test'] },
  ];
}

function fault(path: string) {
  return { code: 'ACCOUNT_FILE_INVALID', path, vhost: null, message: `${path}: it is not text` } as const;
}

function search(name: string, inventories = aServer()) {
  const found = new NameSearch(parseHostName(name));
  for (const inventory of inventories) found.meet(inventory);
  return found.result(HOSTNAME);
}

describe('a name', () => {
  test.each<[string, string, object]>([
    ['is wanted by its website', 'www.alice.test', { kind: 'wanted', website: { vhost: 'alice.test' } }],
    ['may be what the website is called', 'alice.test', { kind: 'wanted', website: { vhost: 'alice.test' } }],
    ['is excluded', 'mail.carol.test', { kind: 'excluded', website: { vhost: 'carol.test' } }],
    ['is left to a wildcard', 'x.many.alice.test', { kind: 'covered', by: '*.many.alice.test' }],
    ['may be the wildcard itself', '*.many.alice.test', { kind: 'wanted' }],
    ['is called like a website that does not want it', 'taken.test', { kind: 'not-wanted' }],
    ['is of a suspended account', 'dave.test', { kind: 'skipped', account: 'dave', reason: 'suspended' }],
    [
      'is of a suspended account without being written',
      'www.dave.test',
      { kind: 'skipped', account: 'dave' },
    ],
    ['is of an account that cannot be read', 'mail.eve.test', { kind: 'broken', account: 'eve' }],
    [
      'is of a website whose file cannot be read',
      'www.hurt.carol.test',
      { kind: 'broken', account: 'carol', message: '/x: it is not YAML \\u{1b}' },
    ],
    ['is what the server is called', HOSTNAME, { kind: 'hostname' }],
    ['is two labels below a wildcard and nobody’s', 'a.b.many.alice.test', { kind: 'nobody' }],
    ['is nobody’s', 'nothing.example', { kind: 'nobody', nearest: null, unreadAccounts: 0 }],
  ])('%s', (_, name, expected) => {
    expect(search(name)).toMatchObject(expected);
  });

  test('of a website goes before what the server is called', () => {
    const fake = new FakeHost().account('alice', [[HOSTNAME]]);
    expect(search(HOSTNAME, fake.inventories)).toMatchObject({ kind: 'wanted' });
  });

  test('that nobody has may belong to an account of which nothing can be read', () => {
    const unread: AccountInventory = { state: 'broken', account: 'mallory', fault: fault('/m') };
    expect(search('nothing.example', [unread])).toMatchObject({ kind: 'nobody', unreadAccounts: 1 });
  });
});

describe('the website that was meant by a name that nobody has', () => {
  test.each<[string, string, string | null]>([
    ['has a name that differs by a letter', 'wwv.alice.test', 'www.alice.test'],
    ['has a name in which two letters are changed about', 'shop.bbo.test', 'shop.bob.test'],
    ['has the domain above it', 'deep.below.bob.test', 'bob.test'],
    ['has the nearest domain above it', 'x.www.alice.test', 'www.alice.test'],
    ['has a domain below it', 'many.bob.example', null],
    ['has nothing to do with a short name', 'a.test', null],
    ['is not found by a common ending', 'unknown.test', null],
  ])('%s', (_, name, nearest) => {
    const holding = search(name);
    expect(holding.kind === 'nobody' ? (holding.nearest?.name ?? null) : holding.kind).toBe(nearest);
  });
});
