import type { RunEvent } from '../../core/report/events/event.js';
import { openLog } from '../log/unwritten-log.js';
import type { RunJournal } from '../ports/journal.js';

/** Where the logs of earlier runs are gone on with. */
export interface LogOpener {
  /** Undefined when it is gone. */
  resumeJournal(startedAt: string): Promise<RunJournal | undefined>;
  /** A new log. */
  openJournal(): Promise<RunJournal>;
}

/**
 * The logs that a poller writes into: of each website the one of the run that began its work, or, when that is gone, one
 * of the poller's own. A log is opened when its first website is assigned; what concerns no website goes to all.
 */
export class QueueJournal implements RunJournal {
  readonly #opener: LogOpener;
  readonly #byName = new Map<string, RunJournal>();
  readonly #byVhost = new Map<string, RunJournal>();
  #own: RunJournal | undefined;

  constructor(opener: LogOpener) {
    this.#opener = opener;
  }

  /** Of the first log; empty as long as there is none. */
  get startedAt(): string {
    return this.#logs()[0]?.startedAt ?? '';
  }

  startedAtOf(vhost: string): string {
    return this.#byVhost.get(vhost)?.startedAt ?? this.startedAt;
  }

  /** Gives the log that the website's lines go to from now on. */
  async assign(vhost: string, logStartedAt: string | null): Promise<string> {
    const log =
      (logStartedAt === null ? undefined : await this.#resume(logStartedAt)) ?? (await this.#ownLog());
    this.#byVhost.set(vhost, log);
    return log.startedAt;
  }

  record(event: RunEvent): void {
    const log = event.vhost === undefined ? undefined : this.#byVhost.get(event.vhost);
    if (log !== undefined) log.record(event);
    else for (const each of this.#logs()) each.record(event);
  }

  async flush(): Promise<void> {
    await this.#ofEach((log) => log.flush());
  }

  async close(): Promise<void> {
    await this.#ofEach((log) => log.close());
  }

  /** What one log says stops no other. */
  async #ofEach(task: (log: RunJournal) => Promise<void>): Promise<void> {
    const ends = await Promise.allSettled(this.#logs().map(task));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #resume(name: string): Promise<RunJournal | undefined> {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const log = await openLog(() => this.#opener.resumeJournal(name));
    if (log !== undefined) this.#byName.set(name, log);
    return log;
  }

  async #ownLog(): Promise<RunJournal> {
    this.#own ??= await openLog(() => this.#opener.openJournal());
    return this.#own;
  }

  #logs(): readonly RunJournal[] {
    const own = this.#own;
    return [...this.#byName.values(), ...(own === undefined ? [] : [own])];
  }
}
