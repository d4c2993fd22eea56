import { describe, expect, test } from '@jest/globals';
import { type AccountName, parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { type ListProblemsHost, listProblems, type ProblemItem } from '../../../src/runs/list-problems.js';
import type { ProblemRecord } from '../../../src/runs/ports/records.js';
import { FakeHost } from '../../support/fake-host.js';

const record = (domain: string, over: Partial<ProblemRecord> = {}): ProblemRecord => ({
  domain,
  vhost: 'a.test',
  code: 'NXDOMAIN',
  message: `no ${domain}`,
  advice: null,
  fault: 'owner',
  since: '2026-05-01T00:00:00.000Z',
  at: '2026-06-01T00:00:00.000Z',
  logStartedAt: '2026-06-01T00:00:00Z',
  ...over,
});

function aServer(): { readonly host: ListProblemsHost; readonly fake: FakeHost } {
  const fake = new FakeHost();
  fake
    .account('alice', [['a.test']])
    .account('bob', [['b.test']])
    .account('carol', [['c.test']]);
  fake.problems.records.set('alice', [record('www.a.test'), record('a.test')]);
  fake.problems.records.set('bob', [record('b.test', { vhost: 'b.test', logStartedAt: 'gone' })]);
  const host: ListProblemsHost = {
    accounts: fake.accounts,
    problems: {
      read: (account) => fake.problems.read(account),
      accounts: async () => [...fake.problems.records.keys()] as AccountName[],
    },
    logs: { folderOf: async (startedAt) => (startedAt === 'gone' ? null : `/logs/${startedAt}`) },
  };
  return { host, fake };
}

async function all(host: ListProblemsHost, user: string | null, domain: string | null) {
  const scope = {
    user: user === null ? null : parseAccountName(user),
    domain: domain === null ? null : parseHostName(domain),
  };
  const items: ProblemItem[] = [];
  for await (const item of listProblems(scope, host)) items.push(item);
  return items.map((item) => (item.kind === 'problem' ? item.problem.domain : item.fault.code));
}

describe('the list of problems', () => {
  test.each<[string, string | null, string | null, string[]]>([
    ['of everybody', null, null, ['www.a.test', 'a.test', 'b.test']],
    ['of one account', 'bob', null, ['b.test']],
    ['of an account that has none', 'carol', null, []],
    ['of one name', null, 'www.a.test', ['www.a.test']],
    ['of a website, with those of its names', null, 'a.test', ['www.a.test', 'a.test']],
    ['of a name of another account', 'bob', 'a.test', []],
  ])('%s', async (_, user, domain, expected) => {
    expect(await all(aServer().host, user, domain)).toEqual(expected);
  });

  test('names the log only while it is kept, and a beginning to all', async () => {
    const { host, fake } = aServer();
    const { since: _, ...former } = record('old.test', { logStartedAt: 'gone' });
    fake.problems.records.set('alice', [record('a.test'), former]);
    const items: ProblemItem[] = [];
    for await (const item of listProblems({ user: parseAccountName('alice'), domain: null }, host))
      items.push(item);
    expect(items).toMatchObject([
      { problem: { since: '2026-05-01T00:00:00.000Z', log: '/logs/2026-06-01T00:00:00Z' } },
      { problem: { since: '2026-06-01T00:00:00.000Z', log: null } },
    ]);
  });

  test('of an unknown user is wrong usage', async () => {
    await expect(all(aServer().host, 'mallory', null)).rejects.toThrow('no user “mallory”');
  });

  test('goes on after one that cannot be read', async () => {
    const { host, fake } = aServer();
    const read = host.problems.read;
    const broken = async (account: string) => {
      if (account === 'alice') throw new StateError('CORRUPT_RECORD', 'no JSON');
      return read(account);
    };
    expect(fake.problems.records.size).toBe(2);
    const items = await all({ ...host, problems: { ...host.problems, read: broken } }, null, null);
    expect(items).toEqual(['CORRUPT_RECORD', 'b.test']);
  });
});
