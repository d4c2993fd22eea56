import { describe, expect, test } from '@jest/globals';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';
import { minutesLater, queueHostWithCa, runQueue } from '../../support/queue-run.js';

const full = () =>
  new StateError('NO_SPACE', '16 lines of the log could not be written', { advice: 'Free some space.' });
const SAID = {
  code: 'LOG_NOT_WRITTEN',
  message: '16 lines of the log could not be written. Free some space.',
};

describe.each(['logFault', 'logOpenFault'] as const)('a log that cannot be written (%s)', (fault) => {
  test('hides nothing of what a run did: its report stands, with one fault more', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]);
    host[fault] = full();
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 1, counts: { installed: 1 }, faults: [SAID] });
    expect(host.locks.held).toEqual([]);
  });

  test('hides nothing of what the poller did', async () => {
    const { host, ca } = queueHostWithCa();
    host.account('alice', [['a.test']]);
    ca.finalStatus = 'processing';
    await runCheck(host);
    host.clock.set(minutesLater(5));
    ca.finalStatus = 'valid';
    host[fault] = full();
    // The log of the run is gone: the poller begins one of its own.
    if (fault === 'logOpenFault') host.logs.clear();
    expect(await runQueue(host)).toMatchObject({
      exitCode: 1,
      installed: [{ vhost: 'a.test' }],
      faults: [SAID],
    });
    expect(host.locks.held).toEqual([]);
  });
});

test('what ends a run is not hidden by what becomes of its log', async () => {
  const { host, ca } = hostWithCa();
  host.account('alice', [['a.test']]);
  host.logFault = full();
  ca.clockOffsetMs = 7_200_000;
  await expect(runCheck(host)).rejects.toMatchObject({ code: 'BRAKE' });
});
