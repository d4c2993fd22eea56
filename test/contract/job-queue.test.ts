import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AtQueue } from '../../src/adapters/queue/at-queue.js';
import type { JobAnswer } from '../../src/core/retry/outcome.js';
import type { JobQueue, QueuedJob } from '../../src/runs/ports/jobs.js';
import { MemoryJobQueue } from '../support/memory-job-queue.js';
import { describeWithParts } from '../support/needs.js';
import { PrivateAt } from '../support/private-at.js';

const MINUTE_MS = 60_000;

/** What runs rely on holds for at(1) and for the queue in memory that stands for it in unit tests. */
function declareContract(
  queue: () => { readonly queue: JobQueue; remove(id: string): Promise<void> | void },
): void {
  const scheduled = async (
    body: string,
    when: readonly string[],
  ): Promise<Extract<JobAnswer, { state: 'queued' }>> => {
    const answer = await queue().queue.schedule({ body, when, folder: '/' });
    if (answer.state !== 'queued') throw new Error(answer.said);
    return answer;
  };
  const listed = async (): Promise<readonly QueuedJob[]> => {
    const jobs = await queue().queue.list();
    if ('state' in jobs) throw new Error(jobs.said);
    return jobs;
  };

  test('is empty at first', async () => {
    expect(await listed()).toEqual([]);
  });

  test('a job is listed with its own number, instant and script until it is removed', async () => {
    const body = `printf '%s' 'it is $HOME;\n日本語'\n`;
    const later = await scheduled(body, ['now', '+', '60', 'minutes']);
    const sooner = await scheduled('true\n', ['now', '+', '2', 'minutes']);
    expect(later.id).not.toBe(sooner.id);
    expect(later.runsAt.getTime() % MINUTE_MS).toBe(0);
    const wait = later.runsAt.getTime() - sooner.runsAt.getTime();
    // A minute may begin between the two.
    expect([57, 58].map((minutes) => minutes * MINUTE_MS)).toContain(wait);
    const jobs = await listed();
    expect(jobs.map(({ id, runsAt }) => ({ id, runsAt }))).toEqual([
      { id: sooner.id, runsAt: sooner.runsAt },
      { id: later.id, runsAt: later.runsAt },
    ]);
    expect(jobs[1]?.text.trimEnd().endsWith(`\n${body.trimEnd()}`)).toBe(true);
    for (const { id } of jobs) await queue().remove(id);
    expect(await listed()).toEqual([]);
  });

  test.each([
    ['that is no time is refused as such', ['gargle'], 'bad-time'],
    ['that is over is refused as such', ['10:00', '2020-01-01'], 'past'],
  ])('a time %s', async (_, when, why) => {
    const answer = await queue().queue.schedule({ body: 'true\n', when, folder: '/' });
    expect(answer).toMatchObject({ state: 'refused', why });
    expect(await listed()).toEqual([]);
  });
}

describe('a queue of jobs, in memory', () => {
  const queue = new MemoryJobQueue(new Date('2026-11-22T08:05:30Z'));
  declareContract(() => ({ queue, remove: (id) => queue.remove(id) }));
});

describeWithParts('a queue of jobs, at(1)', ['root', 'mounts', 'at'], () => {
  let at: PrivateAt;
  beforeAll(async () => {
    at = await PrivateAt.open();
  });
  afterAll(() => at.close());
  const queue = () =>
    new AtQueue({ name: 'root', home: '/root', timeZone: 'UTC' }, [...at.enter, 'env', 'TZ=UTC', 'at']);
  const underTest = () => ({
    queue: queue(),
    remove: async (id: string) => void (await at.run(['atrm', id])),
  });
  declareContract(underTest);

  test('a job has nothing of our environment but what at(1) itself is told', async () => {
    process.env['AUTOSSL_TEST_SECRET'] = 'hunter2';
    const answer = await queue().schedule({
      body: 'true\n',
      when: ['now', '+', '5', 'minutes'],
      folder: '/',
    });
    delete process.env['AUTOSSL_TEST_SECRET'];
    if (answer.state !== 'queued') throw new Error(answer.said);
    const exported = [...(await at.scriptOf(answer.id)).matchAll(/export (\w+)/g)].map(([, name]) => name);
    expect(exported.sort()).toEqual(['HOME', 'LANG', 'LC_ALL', 'PATH', 'TZ']);
  });

  test('without at(1) nothing can be queued or listed', async () => {
    const missing = new AtQueue({ name: 'root', home: '/root', timeZone: null }, ['/nonexistent/at']);
    const refusal = { state: 'refused', why: 'no-at', said: 'there is no such program' };
    expect(await missing.schedule({ body: '', when: ['now'], folder: '/' })).toEqual(refusal);
    expect(await missing.list()).toEqual(refusal);
  });

  test('jobs of other users are not ours', async () => {
    expect(
      await new AtQueue({ name: 'alice', home: '/', timeZone: null }, [...at.enter, 'at']).list(),
    ).toEqual([]);
  });
});
