import type { JobAnswer, JobRefusal } from '../../src/core/retry/outcome.js';
import type { JobQueue, QueuedJob } from '../../src/runs/ports/jobs.js';

/** at(1)'s queue in memory, as far as its time is `now + N minutes` or an ISO instant. */
export class MemoryJobQueue implements JobQueue {
  /** What the next answers are instead. */
  readonly refusals: JobRefusal[] = [];
  readonly folders: string[] = [];
  isDaemonRunning = true;
  readonly #now: Date;
  #jobs: QueuedJob[] = [];
  #last = 0;

  constructor(now: Date) {
    this.#now = now;
  }

  async schedule(job: Parameters<JobQueue['schedule']>[0]): Promise<JobAnswer> {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return refusal;
    const runsAt = this.#instantOf(job.when);
    if (runsAt === undefined) return { state: 'refused', why: 'bad-time', said: 'Garbled time' };
    if (runsAt.getTime() < this.#minute(0).getTime()) {
      return { state: 'refused', why: 'past', said: 'refusing to create job destined in the past' };
    }
    this.#last += 1;
    const id = String(this.#last);
    this.#jobs.push({ id, runsAt, text: `#!/bin/sh\n${job.body}` });
    this.folders.push(job.folder);
    return { state: 'queued', id, runsAt, isDaemonRunning: this.isDaemonRunning, warning: null };
  }

  async list(): Promise<readonly QueuedJob[] | JobRefusal> {
    return (
      this.refusals.shift() ??
      [...this.#jobs].sort((one, other) => one.runsAt.getTime() - other.runsAt.getTime())
    );
  }

  remove(id: string): void {
    this.#jobs = this.#jobs.filter((job) => job.id !== id);
  }

  #instantOf(when: readonly string[]): Date | undefined {
    const minutes = /^now \+ (\d+) minutes$/.exec(when.join(' '))?.[1];
    if (minutes !== undefined) return this.#minute(Number(minutes));
    const at = new Date(
      /^\d\d:\d\d \d{4}-\d\d-\d\d$/.test(when.join(' ')) ? isoOf(when.join(' ')) : Number.NaN,
    );
    return Number.isNaN(at.getTime()) ? undefined : at;
  }

  /** at(1) cuts instants down to the minute. */
  #minute(ahead: number): Date {
    const MINUTE_MS = 60_000;
    return new Date((Math.floor(this.#now.getTime() / MINUTE_MS) + ahead) * MINUTE_MS);
  }
}

/** `10:00 2027-01-01`, in UTC. */
function isoOf(text: string): string {
  const [time, day] = text.split(' ');
  return `${day}T${time}:00Z`;
}
