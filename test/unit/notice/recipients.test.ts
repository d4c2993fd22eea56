import { describe, expect, test } from '@jest/globals';
import { contactsIn } from '../../../src/core/notice/recipients/account-contacts.js';
import { isMailAddress } from '../../../src/core/notice/recipients/mail-address.js';
import { aFinding, aName, noticeRig } from '../../support/notice-rig.js';

const finding = (account: string) =>
  aFinding('notify_autossl_expiry_coverage', {
    account,
    vhost: `${account}.test`,
    names: [aName(`www.${account}.test`)],
    daysLeft: 60,
  });

describe('whom a run writes to', () => {
  test.each([
    ['root and the owner', { alice: { CONTACTEMAIL: 'a@x.test' } }, ['a@x.test user', 'root administrator']],
    ['root alone, where the account names nobody', { alice: {} }, ['root administrator']],
    [
      'both addresses of an account',
      { alice: { CONTACTEMAIL: 'a@x.test', CONTACTEMAIL2: 'b@x.test' } },
      ['a@x.test user', 'b@x.test user', 'root administrator'],
    ],
    [
      'the reseller who owns it, at his own contact',
      { alice: { CONTACTEMAIL: 'a@x.test', OWNER: 'ress' }, ress: { CONTACTEMAIL: 'r@x.test' } },
      ['a@x.test user', 'r@x.test administrator', 'root administrator'],
    ],
    [
      'a reseller for his own account once, as its administrator',
      { alice: { CONTACTEMAIL: 'R@x.test', OWNER: 'ress' }, ress: { CONTACTEMAIL: 'r@x.test' } },
      ['r@x.test administrator', 'root administrator'],
    ],
    [
      'nobody at what is no mail address',
      { alice: { CONTACTEMAIL: '|/bin/sh root Bcc: v@x.test' } },
      ['root administrator', 'v@x.test user'],
    ],
    [
      'nobody at a value with control characters',
      { alice: { CONTACTEMAIL: 'a@x.test\r\nBcc: v@x.test' } },
      ['root administrator'],
    ],
  ])('%s', async (_rule, users, expected) => {
    const messages = await noticeRig({ users }).run([finding('alice')]);
    expect(messages.map(({ to, audience }) => `${to} ${audience}`).sort()).toEqual(expected);
  });

  test('an owner who is an administrator, too, gets what administrators are not told', async () => {
    const { run } = noticeRig({
      users: { alice: { CONTACTEMAIL: 'r@x.test', OWNER: 'ress' }, ress: { CONTACTEMAIL: 'r@x.test' } },
      chosen: { notify_autossl_expiry_coverage: false },
    });
    const messages = await run([finding('alice')]);
    expect(messages.map(({ to, audience }) => `${to} ${audience}`)).toEqual(['r@x.test user']);
  });

  test('a reseller reads of his accounts alone', async () => {
    const { run } = noticeRig({
      users: {
        alice: { OWNER: 'ress' },
        bob: { CONTACTEMAIL: 'b@x.test' },
        ress: { CONTACTEMAIL: 'r@x.test' },
      },
    });
    const messages = await run([finding('alice'), finding('bob')]);
    const to = (address: string) => messages.find((message) => message.to === address);
    expect(messages).toHaveLength(3);
    expect(to('r@x.test')?.text).toContain('alice.test');
    expect(to('r@x.test')?.text).not.toContain('bob');
    expect(to('b@x.test')?.text).not.toContain('alice');
    expect(to('root')?.subject).toContain('2 renewals wait');
  });

  test('what an account without an address was not told is told once it has one', async () => {
    const { run, users } = noticeRig({ users: { alice: {} } });
    await run([finding('alice')]);
    users.set('alice', new Map([['CONTACTEMAIL', 'a@x.test']]));
    expect((await run([finding('alice')])).map(({ to }) => to)).toEqual(['a@x.test']);
  });
});

describe('what is a mail address', () => {
  test.each([
    ['alice@shop.test', true],
    ['a.b+ssl@xn--bcher-kva.test', true],
    ['root', false],
    ['-oQ/tmp/x@shop.test', false],
    ['|cmd@shop.test', false],
    ['/etc/passwd@shop.test', false],
    ['"a b"@shop.test', false],
    ['a@shop.test\nBcc: v@x.test', false],
    ['a@shop.test,v@x.test', false],
    ['a@b', false],
    ['аlice@shop.test', false],
    ['a@[192.0.2.1]', false],
    [`${'a'.repeat(65)}@shop.test`, false],
    [
      `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(20)}.test`,
      false,
    ],
  ])('%j: %s', (text, isOne) => {
    expect(isMailAddress(text)).toBe(isOne);
  });
});

test('contacts of a users file: each once, at most four, preferences as set', () => {
  const values = new Map([
    ['CONTACTEMAIL', 'a@x.test, A@X.test b@x.test;c@x.test'],
    ['CONTACTEMAIL2', 'd@x.test e@x.test nobody'],
    ['notify_autossl_renewal', '0'],
    ['notify_ssl_expiry', '1'],
    ['OWNER', 'ress'],
  ]);
  expect(contactsIn(values)).toEqual({
    owner: 'ress',
    addresses: ['a@x.test', 'b@x.test', 'c@x.test', 'd@x.test'],
    hasUnusable: true,
    preferences: new Map([
      ['notify_autossl_renewal', false],
      ['notify_ssl_expiry', true],
    ]),
  });
});

test.each(['a@cr.test\rBcc: victim@v.test', 'a@x.test\u0000b@v.test', 'a@x.test\u001b[2J v@v.test'])(
  'a contact with control characters is none, whatever stands beside them: %j',
  (value) => {
    const values = new Map(Object.entries({ CONTACTEMAIL: value, CONTACTEMAIL2: 'good@x.test\r' }));
    expect(contactsIn(values)).toMatchObject({ addresses: ['good@x.test'], hasUnusable: true });
  },
);
