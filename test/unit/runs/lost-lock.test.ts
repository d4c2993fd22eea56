import { expect, test } from '@jest/globals';
import { AcmeProtocolError, StateError } from '../../../src/core/domain/autossl-error.js';
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

/** A host whose lock of this name is found to be somebody else's from the moment on in which a.test's order is journalled. */
function losingWhileOrdering(lockName: string) {
  const { host, ca } = hostWithCa();
  host.account('alice', [['a.test'], ['b.test']]);
  let isLost = false;
  const fenced = <Result extends object>(name: string, result: Result): Result => {
    if (!('assertHeld' in result) || name !== lockName) return result;
    const assertHeld = async (): Promise<void> => {
      if (isLost) throw new StateError('LOCK_LOST', `the lock “${name}” was taken from this run`);
    };
    return { ...result, assertHeld };
  };
  const { tryAcquire, acquire } = host.locks;
  host.locks.tryAcquire = async (name, note) => fenced(name, await tryAcquire.call(host.locks, name, note));
  host.locks.acquire = async (name, note, signal) =>
    fenced(name, await acquire.call(host.locks, name, note, signal));
  const create = host.orders.create.bind(host.orders);
  host.orders.create = async (record, staged) => {
    await create(record, staged);
    isLost = record.vhost === 'a.test';
  };
  return { host, ca };
}

test.each([
  ['a website’s lock', 'website:a.test'],
  ['the turn to send a newOrder', 'new-order:CustomACME'],
])('whoever lost %s once the order was journalled sends no newOrder', async (_, lockName) => {
  const { host, ca } = losingWhileOrdering(lockName);
  const report = await runCheck(host);
  expect(JSON.stringify(ca.ordered)).not.toContain('a.test');
  expect(JSON.stringify(ca.ordered)).toContain('b.test');
  expect(JSON.stringify(report.problems)).toContain('LOCK_LOST');
  expect(report).toMatchObject({ exitCode: 1, counts: { installed: 1 } });
});

test('whoever lost a website’s lock while the answer to its newOrder was lost does not send it again', async () => {
  const { host, ca } = hostWithCa();
  host.account('alice', [['a.test']]);
  let isLost = false;
  const tryAcquire = host.locks.tryAcquire.bind(host.locks);
  host.locks.tryAcquire = async (name, note) => {
    const result = await tryAcquire(name, note);
    if ('heldBy' in result || name !== 'website:a.test') return result;
    const assertHeld = async (): Promise<void> => {
      if (isLost) throw new StateError('LOCK_LOST', 'the lock “website:a.test” was taken from this run');
    };
    return { ...result, assertHeld };
  };
  ca.onNewOrder = () => {
    isLost = true;
    return new AcmeProtocolError('UNREACHABLE', 'the connection broke');
  };
  await runCheck(host);
  expect(ca.ordered).toHaveLength(1);
  // Whoever has the website now does with the journal's record what is right.
  expect([...host.orders.records.values()]).toMatchObject([{ vhost: 'a.test', phase: 'journalled' }]);
});
