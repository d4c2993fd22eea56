import { expect, test } from '@jest/globals';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';

test('whoever lost a website’s lock orders nothing for it', async () => {
  const { host, ca } = hostWithCa();
  host.account('alice', [['a.test'], ['b.test']]);
  const tryAcquire = host.locks.tryAcquire.bind(host.locks);
  host.locks.tryAcquire = async (name, note) => {
    const result = await tryAcquire(name, note);
    if ('heldBy' in result || name !== 'website:a.test') return result;
    const assertHeld = async (): Promise<void> => {
      throw new StateError('LOCK_LOST', 'the lock “website:a.test” was taken from this run');
    };
    return { ...result, assertHeld };
  };
  const report = await runCheck(host);
  expect(report.counts.installed).toBe(1);
  expect(report.exitCode).toBe(1);
  expect(JSON.stringify(report.problems)).toContain('LOCK_LOST');
  expect(JSON.stringify(ca.ordered)).not.toContain('a.test');
  expect([...host.orders.records.values()].filter(({ vhost }) => vhost === 'a.test')).toEqual([]);
});
