import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import type { NameRecord } from '../../../src/core/order/name-record.js';
import type { ProblemRecord } from '../../../src/runs/ports/records.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';
import { refusal } from '../../support/fake-ca.js';
import { FAKE_NOW, type FakeHost } from '../../support/fake-host.js';

const anOldProblem = (vhost: string): ProblemRecord => ({
  domain: `old.${vhost}`,
  vhost,
  code: 'NXDOMAIN',
  message: 'it did not resolve',
  advice: null,
  at: '2026-05-01T00:00:00.000Z',
  logStartedAt: '2026-05-01T00:00:00Z',
});
/** A name that a CA refused a minute ago. */
const putAside = (name: string): NameRecord => ({
  schemaVersion: 1,
  name,
  lastPassedAt: null,
  consecutiveFailures: 1,
  caFailures: [{ at: '2026-05-31T23:59:00.000Z', provider: 'CustomACME', code: 'dns' }],
  lastFailure: { at: '2026-05-31T23:59:00.000Z', code: 'dns', message: 'no', source: 'ca' },
  nextAttemptAt: '2026-06-01T00:09:00.000Z',
});
const listOf = (host: FakeHost, account: string): string[] =>
  (host.problems.records.get(account) ?? []).map(({ domain, code }) => `${domain} ${code}`);

describe('an account’s list of problems', () => {
  test('holds what this run found, with the run’s log', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test', 'gone.test']]).account('bob', [['bob.test']]);
    host.unknownNames.add('gone.test');
    await runCheck(host);
    expect(host.problems.records.get('alice')).toEqual([
      {
        domain: 'gone.test',
        vhost: 'a.test',
        code: 'NXDOMAIN',
        message: expect.stringContaining('gone.test'),
        advice: expect.any(String),
        fault: 'owner',
        since: FAKE_NOW,
        at: FAKE_NOW,
        logStartedAt: FAKE_NOW,
      },
    ]);
    expect(host.problems.records.has('bob')).toBe(false);
  });

  test('keeps apart what fails a name and what stops the website of the same name', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['gone.test']]);
    host.unknownNames.add('gone.test');
    await runCheck(host);
    expect(listOf(host, 'alice')).toEqual(['gone.test NXDOMAIN', 'gone.test TOTAL_DCV_FAILURE']);
  });

  test('is cleared when all is well, and of what an account no longer has', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.inventories.push({ state: 'skipped', account: parseAccountName('bob'), reason: 'suspended' });
    host.problems.records.set('alice', [anOldProblem('a.test'), anOldProblem('sold.test')]);
    host.problems.records.set('bob', [anOldProblem('bob.test')]);
    await runCheck(host);
    expect([...host.problems.records.keys()]).toEqual([]);
  });

  test('stays for a website that only waited, beside what others have now', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', [['a.test'], ['b.test'], ['c.test']]);
    host.problems.records.set('alice', ['a.test', 'b.test', 'sold.test'].map(anOldProblem));
    ca.onNewOrder = () => refusal('rateLimited', { status: 429 });
    await runCheck(host);
    expect(listOf(host, 'alice')).toEqual(['a.test RATE_LIMITED', 'old.b.test NXDOMAIN']);
  });

  test('stays for a website whose order pends', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.problems.records.set('alice', [anOldProblem('a.test')]);
    ca.finalStatus = 'processing';
    expect((await runCheck(host)).counts.pending).toBe(1);
    expect(listOf(host, 'alice')).toEqual(['old.a.test NXDOMAIN']);
  });

  test('says since when a problem has been there, and begins anew once it was mended', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test', 'gone.a.test']]);
    host.unknownNames.add('gone.a.test');
    host.problems.records.set('alice', [{ ...anOldProblem('a.test'), domain: 'gone.a.test' }]);
    const told = (): unknown =>
      (host.problems.records.get('alice') ?? [])
        .filter(({ domain }) => domain === 'gone.a.test')
        .map(({ since, at }) => [since, at]);
    await runCheck(host);
    expect(told()).toEqual([['2026-05-01T00:00:00.000Z', FAKE_NOW]]);
    await runCheck(host);
    expect(told()).toEqual([['2026-05-01T00:00:00.000Z', FAKE_NOW]]);
    host.unknownNames.clear();
    await runCheck(host);
    expect(told()).toEqual([]);
    host.unknownNames.add('gone.a.test');
    host.present.clear();
    host.issued.records.clear();
    await runCheck(host);
    expect(told()).toEqual([[FAKE_NOW, FAKE_NOW]]);
  });

  test('of a website that could not be looked at keeps what it knew, though some of its names wait', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test', 'b.a.test', 'refused.a.test']]);
    host.problems.records.set('alice', [{ ...anOldProblem('a.test'), domain: 'b.a.test' }]);
    await host.names.write(putAside('refused.a.test'));
    host.lookupError = 'ETIMEOUT';
    host.isResolverAnswering = false;
    await runCheck(host);
    expect(listOf(host, 'alice').sort()).toEqual(['b.a.test NXDOMAIN', 'refused.a.test NAME_WAITS']);
  });

  test('that cannot be read is written anew, with what this run found', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test', 'gone.a.test']]);
    host.unknownNames.add('gone.a.test');
    host.problems.read = async () => {
      throw new StateError('CORRUPT_RECORD', 'it is not JSON');
    };
    await runCheck(host);
    expect(listOf(host, 'alice')).toEqual(['gone.a.test NXDOMAIN']);
  });

  test('of an account whose data is broken stays, beside the fault itself', async () => {
    const { host } = hostWithCa();
    const fault = { code: 'ACCOUNT_FILE_INVALID', path: '/x', vhost: null, message: 'not YAML' } as const;
    host.inventories.push({ state: 'broken', account: 'alice', fault });
    host.problems.records.set('alice', [anOldProblem('a.test')]);
    await runCheck(host);
    expect(listOf(host, 'alice').sort()).toEqual([' ACCOUNT_FILE_INVALID', 'old.a.test NXDOMAIN']);
    await runCheck(host);
    expect(listOf(host, 'alice')).toHaveLength(2);
  });

  test('of other accounts is not touched by a run for one user', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]).account('bob', [['bob.test']]);
    host.problems.records.set('bob', [anOldProblem('bob.test')]);
    await runCheck(host, { user: 'alice' });
    expect(listOf(host, 'bob')).toEqual(['old.bob.test NXDOMAIN']);
  });
});
