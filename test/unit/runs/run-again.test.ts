import { describe, expect, test } from '@jest/globals';
import { treeNamedIn } from '../../../src/adapters/system/tree-name.js';
import { readJobBody } from '../../../src/core/retry/job-body.js';
import { actOnceLater } from '../../../src/core/retry/plan.js';
import type { JobQueue, QueuedJob } from '../../../src/runs/ports/jobs.js';
import { runAgainLater } from '../../../src/runs/services/run-again.js';
import { scheduleRetry } from '../../../src/runs/try-later.js';

const PROGRAM = ['/opt/node/bin/node', '/usr/local/cpanel/bin/checkallsslcerts'];

/** An at queue in memory. */
class MemoryQueue implements JobQueue {
  readonly jobs: QueuedJob[] = [];
  readonly times: string[] = [];
  isDaemonRunning = true;
  refusal: Awaited<ReturnType<JobQueue['list']>> & { state?: string } = [];

  schedule: JobQueue['schedule'] = async ({ body, when }) => {
    const job = { id: String(this.jobs.length + 1), runsAt: new Date('2026-06-01T01:00:00Z'), text: body };
    this.jobs.push(job);
    this.times.push(when.join(' '));
    return {
      state: 'queued',
      id: job.id,
      runsAt: job.runsAt,
      isDaemonRunning: this.isDaemonRunning,
      warning: null,
    };
  };
  list: JobQueue['list'] = async () => ('state' in this.refusal ? this.refusal : this.jobs);
}

function hostOf(queue: JobQueue, environment: Record<string, string> = {}) {
  const program = { node: '/opt/node/bin/node', script: '/usr/local/cpanel/scripts/try-later' };
  return { queue, environment, program, folder: '/', treeOf: treeNamedIn };
}

describe('once more in an hour', () => {
  test('is the documented job: skipped first, one retry, an hour, --no-retry in the action', async () => {
    const queue = new MemoryQueue();
    expect(await runAgainLater(PROGRAM, hostOf(queue))).toMatchObject({ state: 'scheduled', job: '1' });
    expect(queue.times).toEqual(['now + 60 minutes']);
    const plan = readJobBody(queue.jobs[0]?.text ?? '')?.plan;
    expect(plan).toMatchObject({
      action: { kind: 'script', text: `${PROGRAM.join(' ')} --no-retry >/dev/null` },
      check: { kind: 'script', text: '/bin/sh -c exit 1' },
      time: { kind: 'delay', minutes: 60 },
      maxRetries: 0,
    });
  });

  test('is never scheduled twice', async () => {
    const queue = new MemoryQueue();
    await runAgainLater(PROGRAM, hostOf(queue));
    expect(await runAgainLater(PROGRAM, hostOf(queue))).toEqual({ state: 'there', job: '1' });
    expect(queue.jobs).toHaveLength(1);
  });

  test.each([
    ['by its real path', '/opt/node/bin/node', '/usr/lib/node_modules/autossl/bin/checkallsslcerts'],
    ['through a linked folder', '/opt/node/bin/node', '/srv/with a space/checkallsslcerts'],
    ['with another node', '/usr/bin/nodejs', '/usr/local/cpanel/bin/checkallsslcerts'],
  ])('is never scheduled twice, whether the program is called %s or by its link', async (_, ...program) => {
    const queue = new MemoryQueue();
    await runAgainLater(program, hostOf(queue));
    expect(await runAgainLater(PROGRAM, hostOf(queue))).toEqual({ state: 'there', job: '1' });
    expect(queue.jobs).toHaveLength(1);
  });

  test.each([
    '/usr/local/cpanel/bin/checkallsslcerts --no-retry',
    'checkallsslcerts --no-retry  >> /root/log 2>&1',
  ])('is not scheduled beside somebody’s own job: %s', async (action) => {
    const queue = new MemoryQueue();
    const host = hostOf(queue);
    await scheduleRetry(actOnceLater({ kind: 'script', text: action }, 60), host);
    expect(await runAgainLater(PROGRAM, host)).toEqual({ state: 'there', job: '1' });
  });

  test.each([
    '/usr/local/cpanel/bin/checkallsslcerts --dry-run',
    'echo checkallsslcerts --no-retry',
    'checkallsslcerts; reboot --no-retry',
  ])('is scheduled beside a job that is no such call: %s', async (action) => {
    const queue = new MemoryQueue();
    const host = hostOf(queue);
    await scheduleRetry(actOnceLater({ kind: 'script', text: action }, 60), host);
    expect(await runAgainLater(PROGRAM, host)).toMatchObject({ state: 'scheduled' });
  });

  test.each([
    ['/srv/a/', '/srv/a'],
    ['/srv//b/../a', '/srv/a'],
    ['', '/'],
  ])('is scheduled once for a tree, however that is spelled: %j and %j', async (one, other) => {
    const queue = new MemoryQueue();
    await runAgainLater(PROGRAM, hostOf(queue, { AUTOSSL_ROOT: one }));
    expect(await runAgainLater(PROGRAM, hostOf(queue, { AUTOSSL_ROOT: other }))).toMatchObject({
      state: 'there',
    });
  });

  test('waits where atd does not run, which is told', async () => {
    const queue = new MemoryQueue();
    queue.isDaemonRunning = false;
    expect(await runAgainLater(PROGRAM, hostOf(queue))).toMatchObject({
      state: 'scheduled',
      warning: expect.stringContaining('atd'),
    });
  });

  test('is scheduled for each tree', async () => {
    const queue = new MemoryQueue();
    await runAgainLater(PROGRAM, hostOf(queue, { AUTOSSL_ROOT: '/srv/a' }));
    expect(await runAgainLater(PROGRAM, hostOf(queue, { AUTOSSL_ROOT: '/srv/b' }))).toMatchObject({
      state: 'scheduled',
    });
  });

  test('cannot be had without at, which is a value', async () => {
    const queue = new MemoryQueue();
    queue.refusal = { state: 'refused', why: 'no-at', said: 'ENOENT' };
    expect(await runAgainLater(PROGRAM, hostOf(queue))).toEqual({
      state: 'failed',
      why: expect.stringContaining('at(1) cannot be started'),
    });
    expect(queue.jobs).toEqual([]);
  });
});
