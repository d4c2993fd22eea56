import { describe, expect, test } from '@jest/globals';
import { AcmeProtocolError, AutosslError } from '../../../src/core/domain/autossl-error.js';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';
import type { FakeHost } from '../../support/fake-host.js';

const HOUR_MS = 3_600_000;

const failureOf = async (run: Promise<unknown>): Promise<AutosslError> => {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AutosslError) return error;
  throw new Error(`expected an AutosslError, not ${error}`);
};

/** A host with as many healthy websites of ours, seen once. */
async function seasonedHost(count: number) {
  const { host, ca } = hostWithCa();
  host.account('alice', manySites(count));
  for (const [name = ''] of manySites(count)) host.certificate(name, [name]);
  await runCheck(host);
  return { host, ca };
}

const lose = (host: FakeHost, count: number): void => {
  for (const [name = ''] of manySites(count)) host.present.delete(name);
};

describe('the mass-change brake (design 5.19)', () => {
  test.each([
    ['20 of 100 websites', 100, 20],
    ['30 of 300 websites', 300, 30],
  ])('%s that lost their certificates are simply ordered for', async (_, count, lost) => {
    const { host, ca } = await seasonedHost(count);
    lose(host, lost);
    host.clock.set('2026-06-20T00:00:00Z');
    expect((await runCheck(host)).counts.installed).toBe(lost);
    expect(ca.ordered).toHaveLength(lost);
  });

  test.each([
    ['21 of 100 websites', 100, 21],
    ['31 of 300 websites', 300, 31],
  ])('%s stop the run before anything is ordered', async (_, count, lost) => {
    const { host, ca } = await seasonedHost(count);
    lose(host, lost);
    const error = await failureOf(runCheck(host));
    expect(error).toMatchObject({ code: 'BRAKE', message: expect.stringContaining(`${lost} websites`) });
    expect(error.advice).toContain('--yes-really');
    expect(ca.calls).toEqual([]);
    expect(host.logged.at(-1)).toMatchObject({ code: 'RUN_ENDED', fault: 'ours' });
    expect(host.locks.held).toEqual([]);
  });

  test('the next run is stopped as well, until somebody says --yes-really', async () => {
    const { host } = await seasonedHost(30);
    lose(host, 30);
    await failureOf(runCheck(host));
    await failureOf(runCheck(host));
    host.clock.set('2026-06-20T00:00:00Z');
    expect((await runCheck(host, { yesReally: true })).counts.installed).toBe(30);
  });

  test('certificates that only expired never trip it', async () => {
    const { host } = await seasonedHost(30);
    host.clock.set('2026-09-01T00:00:00Z');
    expect((await runCheck(host)).counts.installed).toBe(30);
  });

  test('it does not concern a run for one user', async () => {
    const { host } = await seasonedHost(30);
    lose(host, 30);
    host.clock.set('2026-06-20T00:00:00Z');
    expect((await runCheck(host, { user: 'alice' })).counts.installed).toBe(30);
  });
});

describe('a clock that is wrong', () => {
  test.each([
    ['an hour', HOUR_MS],
    ['an hour behind', -HOUR_MS],
  ])('%s off the CA’s is let pass', async (_, clockOffsetMs) => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    ca.clockOffsetMs = clockOffsetMs;
    expect((await runCheck(host)).counts.installed).toBe(1);
  });

  test.each([
    ['behind', HOUR_MS + 60_000],
    ['ahead of', -HOUR_MS - 60_000],
  ])('more than an hour %s the CA’s stops the run; --yes-really goes on', async (where, clockOffsetMs) => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    ca.clockOffsetMs = clockOffsetMs;
    const error = await failureOf(runCheck(host));
    expect(error).toMatchObject({
      code: 'BRAKE',
      message: `our clock is 61 minutes ${where} the provider's; nothing is ordered`,
    });
    expect(ca.ordered).toEqual([]);
    expect((await runCheck(host, { yesReally: true })).counts.installed).toBe(1);
  });
});

describe('a CA that does not say what time it is', () => {
  test.each([
    ['20 of 100 websites that expired since the last run are ordered for', 20, true],
    ['21 of 100 stop the run', 21, false],
  ])('%s', async (_, expired, goesOn) => {
    const { host, ca } = await seasonedHost(100);
    ca.clockOffsetMs = null;
    for (const [name = ''] of manySites(expired)) host.certificate(name, [name], { daysLeft: -1 });
    const run = runCheck(host);
    if (goesOn) {
      expect((await run).counts.installed).toBe(expired);
      return;
    }
    expect(await failureOf(run)).toMatchObject({
      code: 'BRAKE',
      message: expect.stringContaining('does not say what time it is'),
    });
    expect(ca.ordered).toEqual([]);
    // The next run is stopped as well; a CA that tells the time lets it go on.
    await failureOf(runCheck(host));
    ca.clockOffsetMs = 0;
    expect((await runCheck(host)).counts.installed).toBe(expired);
  });

  test('what expired long ago and cannot be renewed is known, and stops no later run', async () => {
    const { host, ca } = await seasonedHost(100);
    for (const [name = ''] of manySites(30)) {
      host.certificate(name, [name], { daysLeft: -1 });
      host.unknownNames.add(name);
    }
    await runCheck(host);
    ca.clockOffsetMs = null;
    host.unknownNames.delete('s0000.test');
    host.clock.set('2026-06-03T00:00:00Z');
    expect((await runCheck(host)).counts.installed).toBe(1);
  });
});

describe('a clock by which not even the CA’s certificate is valid', () => {
  const error = new AcmeProtocolError(
    'CLOCK_OR_CERTIFICATE',
    'the CA at ca.test shows a certificate too new',
    {
      advice: 'Set the clock.',
    },
  );

  test('stops the run before anything is ordered', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test'], ['b.test']]);
    ca.directoryError = error;
    expect(await failureOf(runCheck(host))).toMatchObject({
      name: 'StateError',
      code: 'BRAKE',
      message: 'the CA at ca.test shows a certificate too new; nothing is ordered',
      advice: 'Set the clock.',
    });
    expect(ca.calls).toEqual(['directory']);
  });

  test('is an ordinary failure with --yes-really', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    ca.directoryError = error;
    expect(await runCheck(host, { yesReally: true })).toMatchObject({
      exitCode: 1,
      faults: [{ code: 'CLOCK_OR_CERTIFICATE' }],
      waiting: [{ code: 'PROVIDER_UNREACHABLE', websites: 1 }],
    });
  });
});

describe('one run at a time', () => {
  test('a second one is refused, with who holds the lock and until when, and leaves no trace', async () => {
    const { host } = hostWithCa();
    const holder = {
      pid: 4711,
      startedAt: '2026-06-01T00:00:00.000Z',
      note: 'autossl_check --all, ends by X',
    };
    host.locks.holdElsewhere('run', holder);
    const error = await failureOf(runCheck(host));
    expect(error).toMatchObject({ code: 'LOCKED', message: expect.stringContaining('process 4711') });
    expect([host.journals, host.tidied]).toEqual([0, 0]);
  });

  test('a run for one user is not held up by one for all', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.locks.holdElsewhere('run', { pid: 4711, startedAt: '', note: '' });
    expect((await runCheck(host, { user: 'alice' })).counts.installed).toBe(1);
  });

  test('a user that does not exist is refused before anything is locked or logged', async () => {
    const { host } = hostWithCa();
    const error = await failureOf(runCheck(host, { user: 'nobody' }));
    expect(error).toMatchObject({ code: 'UNKNOWN_USER' });
    expect([host.journals, host.tidied]).toEqual([0, 0]);
  });
});

describe('a run that is told to stop', () => {
  test('ends what is under way, reloads what was published and says that the rest waits', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(4));
    const controller = new AbortController();
    ca.onFinalize = async (names) => {
      if (names.includes('s0001.test')) controller.abort(new Error('stopped by SIGTERM'));
    };
    const report = await runCheck(host, { signal: controller.signal });
    expect(report).toMatchObject({
      exitCode: 1,
      faults: [
        {
          code: 'RUN_STOPPED',
          message: 'Not all was done: stopped by SIGTERM. The rest waits for the next run.',
        },
      ],
      counts: { installed: 1, waiting: 3 },
    });
    expect(host.reloads).toBe(1);
    expect(host.locks.held).toEqual([]);
    // The order under way stays in the journal; the next run fetches what it gave.
    expect(host.orders.records.size).toBe(1);
    ca.onFinalize = async () => undefined;
    expect((await runCheck(host)).counts).toMatchObject({ installed: 3, waiting: 0, pending: 0 });
    expect(ca.ordered).toHaveLength(4);
  });

  test('while it opens its account, says so like any other', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', manySites(2));
    const controller = new AbortController();
    ca.openAccount = async () => {
      controller.abort(new Error('stopped by SIGTERM'));
      throw new AcmeProtocolError('ABORTED', 'the request was given up');
    };
    const report = await runCheck(host, { signal: controller.signal });
    expect(report).toMatchObject({
      exitCode: 1,
      faults: [{ code: 'RUN_STOPPED' }],
      counts: { installed: 0, waiting: 2 },
    });
  });

  test('a run that is over its deadline does the same', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1, deadlineMs: 1 };
    host.account('alice', manySites(2));
    ca.onFinalize = () => new Promise((resolve) => setTimeout(resolve, 50));
    const report = await runCheck(host);
    expect(report.faults).toMatchObject([{ message: expect.stringContaining('deadline is reached') }]);
    expect(report.exitCode).toBe(1);
  });
});
