import { describe, expect, test } from '@jest/globals';
import { commandOf, isSameCommand } from '../../../src/core/retry/command.js';
import type { CommandEnd, JobRefusal } from '../../../src/core/retry/outcome.js';
import { actOnceLater, type RetryPlan } from '../../../src/core/retry/plan.js';
import {
  findRetriesOf,
  listRetries,
  type RetryHost,
  scheduleRetry,
  tryLater,
} from '../../../src/runs/try-later.js';
import { MemoryJobQueue } from '../../support/memory-job-queue.js';
import { aPlan } from '../../support/retry-plans.js';

const NOW = new Date('2026-11-22T08:05:30Z');
const PAST: JobRefusal = { state: 'refused', why: 'past', said: 'in the past' };

const endOf = (exitCode: number | null, more: Partial<CommandEnd> = {}): CommandEnd => ({
  exitCode,
  signal: null,
  startFault: null,
  stoppedBy: null,
  ...more,
});

/** A machine whose commands end as said here, one after the other. */
class Machine implements RetryHost {
  readonly queue = new MemoryJobQueue(NOW);
  readonly ran: string[] = [];
  environment: RetryHost['environment'] = { PATH: '/bin' };
  readonly program = { node: '/usr/bin/node', script: '/opt/autossl/bin/try-later' };
  readonly folder = '/srv';
  readonly treeOf: RetryHost['treeOf'] = ({ AUTOSSL_ROOT: root = '/' }) => root;
  readonly #ends: CommandEnd[];
  readonly commands: RetryHost['commands'] = {
    run: async (argv) => {
      this.ran.push(argv.join(' '));
      const end = this.#ends.shift();
      if (end === undefined) throw new Error(`not expected: ${argv.join(' ')}`);
      return end;
    },
  };

  constructor(...ends: readonly CommandEnd[]) {
    this.#ends = [...ends];
  }

  async plans(): Promise<readonly RetryPlan[]> {
    const jobs = await listRetries(this.queue);
    if ('state' in jobs) throw new Error(jobs.said);
    return jobs.map(({ plan }) => plan);
  }
}

describe('a first check', () => {
  test('that succeeds: the action', async () => {
    const machine = new Machine(endOf(0), endOf(7));
    expect(await tryLater(aPlan(), machine)).toEqual({ check: endOf(0), kind: 'acted', end: endOf(7) });
    expect(machine.ran).toEqual(['/bin/sh -c c', '/bin/sh -c a']);
    expect(await machine.plans()).toEqual([]);
  });

  test.each([
    ['fails', endOf(1)],
    ['dies of a signal of its own', endOf(null, { signal: { name: 'SIGSEGV', number: 11 } })],
    ['cannot be started', endOf(null, { startFault: 'ENOENT' })],
  ])('that %s: a job with one retry less, in the same folder', async (_, check) => {
    const machine = new Machine(check);
    const end = await tryLater(aPlan({ maxRetries: 3 }), machine);
    expect(end).toMatchObject({ check, kind: 'queued', job: { id: '1', isDaemonRunning: true } });
    expect(await machine.plans()).toEqual([aPlan({ maxRetries: 2, isQueued: true })]);
    expect(machine.queue.folders).toEqual(['/srv']);
  });

  test('that is stopped: nothing more, even if it ends well', async () => {
    const stoppedBy = { name: 'SIGTERM', number: 15 };
    const machine = new Machine(endOf(0, { stoppedBy }));
    expect(await tryLater(aPlan(), machine)).toMatchObject({ kind: 'stopped', by: stoppedBy });
    expect(await machine.plans()).toEqual([]);
  });

  test('that is skipped: a job at once', async () => {
    const machine = new Machine();
    const end = await tryLater(aPlan({ skipFirst: true, maxRetries: 2 }), machine);
    expect(end).toMatchObject({ check: null, kind: 'queued' });
    expect(await machine.plans()).toEqual([aPlan({ maxRetries: 1, isQueued: true })]);
  });
});

describe('the last check that fails', () => {
  test.each<[string, RetryPlan['actFinally'], readonly string[]]>([
    ['nothing', 'nothing', ['/bin/sh -c c']],
    ['the action', 'action', ['/bin/sh -c c', '/bin/sh -c a']],
    ['another command', { kind: 'words', words: ['f', 'g'] }, ['/bin/sh -c c', 'f g']],
  ])('then %s', async (_, actFinally, ran) => {
    const machine = new Machine(endOf(1), endOf(4));
    const end = await tryLater(aPlan({ maxRetries: 0, actFinally, isQueued: true }), machine);
    expect(end).toEqual({
      check: endOf(1),
      ...(actFinally === 'nothing' ? { kind: 'gave-up' } : { kind: 'acted-finally', end: endOf(4) }),
    });
    expect(machine.ran).toEqual(ran);
    expect(await machine.plans()).toEqual([]);
  });
});

describe('an instant of --at that is over', () => {
  const time = { kind: 'at', words: ['10:00', '2027-01-01'] } as const;
  test('is a mistake when a person gives it', async () => {
    const machine = new Machine(endOf(1));
    machine.queue.refusals.push(PAST);
    expect(await tryLater(aPlan({ time }), machine)).toMatchObject({ kind: 'refused', refusal: PAST });
  });

  test('is followed by the default delay in a job', async () => {
    const machine = new Machine(endOf(1));
    machine.queue.refusals.push(PAST);
    expect(await tryLater(aPlan({ time, isQueued: true }), machine)).toMatchObject({ kind: 'queued' });
    expect(await machine.plans()).toEqual([
      aPlan({ time: { kind: 'delay', minutes: 5 }, maxRetries: 0, isQueued: true }),
    ]);
  });

  test('any other refusal ends the job, and is told', async () => {
    const machine = new Machine(endOf(1));
    const refusal: JobRefusal = { state: 'refused', why: 'failed', said: 'no space' };
    machine.queue.refusals.push(refusal);
    expect(await tryLater(aPlan({ time, isQueued: true }), machine)).toMatchObject({ refusal });
    expect(await machine.plans()).toEqual([]);
  });
});

describe('the documented recipe, queued by another program', () => {
  const action = commandOf(['/usr/local/cpanel/bin/checkallsslcerts', '--no-retry']);
  const recipe = actOnceLater(action, 60);

  test('is one check that succeeds, after the hour', async () => {
    const machine = new Machine();
    expect(await scheduleRetry(recipe, machine)).toMatchObject({
      state: 'queued',
      runsAt: new Date('2026-11-22T09:05:00Z'),
    });
    expect(await machine.plans()).toEqual([
      aPlan({
        action: { kind: 'script', text: '/usr/local/cpanel/bin/checkallsslcerts --no-retry' },
        check: { kind: 'script', text: '/bin/sh -c exit 1' },
        time: { kind: 'delay', minutes: 60 },
        maxRetries: 0,
        isQueued: true,
      }),
    ]);
  });

  test('is found again: by its action, and for the same tree', async () => {
    const machine = new Machine();
    const found = async (words: readonly string[]) => {
      const jobs = await findRetriesOf((one) => isSameCommand(one, commandOf(words)), machine);
      return 'state' in jobs ? jobs.why : jobs.map(({ id }) => id);
    };
    await machine.queue.schedule({ body: 'true\n', when: ['now', '+', '1', 'minutes'], folder: '/' });
    expect(await found(['/usr/local/cpanel/bin/checkallsslcerts', '--no-retry'])).toEqual([]);
    await scheduleRetry(recipe, machine);
    expect(await found(['/usr/local/cpanel/bin/checkallsslcerts', '--no-retry'])).toEqual(['2']);
    expect(await found(['/usr/local/cpanel/bin/checkallsslcerts'])).toEqual([]);
    machine.environment = { PATH: '/bin', AUTOSSL_ROOT: '/srv/tree' };
    expect(await found(['/usr/local/cpanel/bin/checkallsslcerts', '--no-retry'])).toEqual([]);
    machine.queue.refusals.push({ state: 'refused', why: 'no-at', said: 'ENOENT' });
    expect(await found(['/usr/local/cpanel/bin/checkallsslcerts', '--no-retry'])).toBe('no-at');
  });
});
