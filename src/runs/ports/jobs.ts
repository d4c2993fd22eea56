import type { AccountName } from '../../core/domain/account/account-name.js';
import type { CommandEnd, JobAnswer, JobRefusal } from '../../core/retry/outcome.js';

/** The at(1) queue of the user that we run as. What at(1) refuses is a value. */
export interface JobQueue {
  /**
   * Queues a script of /bin/sh for an instant in at(1)'s words, to be run in this folder. MUST hand on nothing of our
   * environment. Granularity: one minute, cut down.
   */
  schedule(job: {
    readonly body: string;
    readonly when: readonly string[];
    readonly folder: string;
  }): Promise<JobAnswer>;
  /** Jobs of this user that wait (those under way do not), by instant, then by number. */
  list(): Promise<readonly QueuedJob[] | JobRefusal>;
}

export interface QueuedJob {
  readonly id: string;
  readonly runsAt: Date;
  /** The whole script: at(1)'s own lines, then what was queued. */
  readonly text: string;
}

/**
 * Commands that somebody wrote: they print where we print, read nothing and may take as long as they like. What tells us to
 * stop meanwhile MUST be passed on to them. MUST NOT throw for what a command does.
 */
export interface CommandRunner {
  run(argv: readonly string[]): Promise<CommandEnd>;
}

/** Starts autossl_check in the background, as cron would: with none of the caller's environment, terminal or limits. */
export interface CheckStarter {
  /** Null = every account. MUST return at once. What hinders it is a value, one printable clause. */
  start(account: AccountName | null): Promise<{ readonly pid: number } | { readonly fault: string }>;
}
