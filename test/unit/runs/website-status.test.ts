import { describe, expect, test } from '@jest/globals';
import { takeCombinedApart } from '../../../src/core/certificate/pem/combined.js';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { readStatuses, type StatusHost, type StatusItem } from '../../../src/runs/website-status.js';
import { FakeHost } from '../../support/fake-host.js';
import { MemoryServedStore } from '../../support/memory-stores.js';
import { aCertificate } from '../../support/pki.js';

const damaged = (path: string) =>
  new StateError('CORRUPT_RECORD', `the record ${path} cannot be used`, { advice: 'Restore it.' });

function aServer(): { readonly host: StatusHost; readonly fake: FakeHost } {
  const fake = new FakeHost();
  fake
    .account('alice', [['a.test', 'www.a.test'], ['b.test']])
    .account('bob', [['c.test']])
    .certificate('a.test', ['a.test', 'www.a.test']);
  const host: StatusHost = {
    accounts: fake.accounts,
    // What is judged is the fake's; what is only shown is that of a real certificate.
    certificates: {
      gatherEvidence: async ({ vhost }) =>
        fake.present.has(vhost)
          ? takeCombinedApart(aCertificate().combined, vhost)
          : { kind: 'absent', path: vhost },
    },
    issued: fake.issued,
    orders: fake.orders,
    problems: fake.problems,
    served: new MemoryServedStore(),
    clock: fake.clock,
    evaluate: fake.evaluate,
    settings: fake.settings,
    certificatePath: (vhost) => `/tls/${vhost}`,
  };
  return { host, fake };
}
async function all(
  host: StatusHost,
  user: string | null,
  ...names: string[]
): Promise<readonly StatusItem[]> {
  const scope = { user: user === null ? null : parseAccountName(user), names: names.map(parseHostName) };
  const items: StatusItem[] = [];
  for await (const item of readStatuses(scope, host)) items.push(item);
  return items;
}
const told = (items: readonly StatusItem[]): readonly string[] => items.map(toldOf);
function toldOf(item: StatusItem): string {
  if (item.kind === 'website') return `${item.status.website} ${item.status.tls}`;
  return item.kind === 'fault' ? item.fault.code : `${item.account.account} ${item.account.why}`;
}

describe('the states of websites', () => {
  test('come account by account, with what every record says of them', async () => {
    const { host, fake } = aServer();
    fake.inventories.push({ state: 'skipped', account: parseAccountName('dave'), reason: 'suspended' });
    await fake.problems.write('alice', [
      {
        domain: 'www.b.test',
        vhost: 'b.test',
        code: 'NXDOMAIN',
        message: 'no \u001b such name',
        advice: null,
        fault: 'owner',
        at: '2026-06-01T00:00:00Z',
        logStartedAt: null,
      },
    ]);
    const items = await all(host, null);
    expect(told(items)).toEqual(['a.test ok', 'b.test none', 'c.test none', 'dave suspended']);
    const [, second] = items;
    expect(second?.kind === 'website' && second.status.problems).toEqual([
      {
        domain: 'www.b.test',
        code: 'NXDOMAIN',
        message: 'no \\u{1b} such name',
        advice: null,
        fault: 'owner',
        at: '2026-06-01T00:00:00Z',
      },
    ]);
  });

  test('can be told again, as they are then', async () => {
    const { host, fake } = aServer();
    const [first] = await all(host, 'bob');
    fake.certificate('c.test', ['c.test']);
    expect(first?.kind === 'website' && (await first.again()).tls).toBe('ok');
  });

  test.each<[string, string | null, string[], string[]]>([
    ['by its own name', null, ['b.test'], ['b.test none']],
    ['by a name that it wants', null, ['www.a.test'], ['a.test ok']],
    ['of one account', 'alice', [], ['a.test ok', 'b.test none']],
    ['two of two accounts', null, ['c.test', 'a.test'], ['a.test ok', 'c.test none']],
  ])('one is asked for %s', async (_, user, names, expected) => {
    expect(told(await all(aServer().host, user, ...names))).toEqual(expected);
  });

  test.each<[string, string | null, string[], string]>([
    ['a website that is nobody’s', null, ['x.test'], 'no account has a website “x.test”'],
    ['a website of another account', 'bob', ['a.test'], 'the account bob has no website “a.test”'],
    ['a user who is none', 'carol', [], 'there is no user “carol”'],
  ])('%s is wrong usage before anything is told', async (_, user, names, message) => {
    const { host, fake } = aServer();
    fake.orders.list = async () => [{ state: 'broken', path: '/orders/x.json', why: 'it is not JSON' }];
    const items = readStatuses(
      { user: user === null ? null : parseAccountName(user), names: names.map(parseHostName) },
      host,
    );
    await expect(items.next()).rejects.toThrow(message);
  });

  test('a website is not said to be nobody’s where an account cannot be read', async () => {
    const { host, fake } = aServer();
    const fault = { code: 'ACCOUNT_FILE_INVALID', path: '/x', vhost: null, message: '/x: not YAML' } as const;
    fake.inventories.push({ state: 'broken', account: 'eve', fault });
    expect(told(await all(host, null))).toContain('eve broken');
    await expect(all(host, null, 'x.test')).rejects.toThrow('as far as can be read: 1 account is broken');
  });

  test('a damaged record costs one website its state, and nobody else', async () => {
    const { host, fake } = aServer();
    const { read } = fake.issued;
    fake.issued.read = async (vhost) => {
      if (vhost === 'a.test') throw damaged('/issued/a.test.json');
      return read.call(fake.issued, vhost);
    };
    const items = await all(host, null);
    expect(told(items)).toEqual(['a.test unknown', 'b.test none', 'c.test none']);
    expect(items[0]?.kind === 'website' && items[0].status.fault).toEqual({
      code: 'CORRUPT_RECORD',
      message: 'the record /issued/a.test.json cannot be used',
      advice: 'Restore it.',
    });
  });

  test('damaged problems and orders are faults beside the websites', async () => {
    const { host, fake } = aServer();
    fake.problems.read = async (account) => {
      if (account === 'alice') throw damaged('/problems/alice.json');
      return [];
    };
    fake.orders.list = async () => [{ state: 'broken', path: '/orders/x.json', why: 'it is not JSON' }];
    expect(told(await all(host, null))).toEqual([
      'CORRUPT_RECORD',
      'CORRUPT_RECORD',
      'a.test ok',
      'b.test none',
      'c.test none',
    ]);
  });

  test('a mistake of ours is not taken for a damaged record', async () => {
    const { host, fake } = aServer();
    fake.issued.read = async () => {
      throw new TypeError('a bug');
    };
    await expect(all(host, null)).rejects.toThrow('a bug');
  });

  test('a server without accounts has no websites', async () => {
    const { host } = aServer();
    expect(await all({ ...host, accounts: null }, null)).toEqual([]);
    await expect(all({ ...host, accounts: null }, 'alice')).rejects.toThrow('there is no user');
  });
});
