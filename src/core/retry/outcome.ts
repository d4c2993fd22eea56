/** How a command ended. */
export interface CommandEnd {
  /** Null when it did not end by itself, or was not started. */
  readonly exitCode: number | null;
  /** Name and number of the signal that ended it. */
  readonly signal: StopSignal | null;
  /** Why it could not be started (ENOENT, EACCES …). */
  readonly startFault: string | null;
  /** The signal that told us to stop meanwhile, which was passed on. */
  readonly stoppedBy: StopSignal | null;
}
export interface StopSignal {
  readonly name: string;
  readonly number: number;
}

/** What at(1) said to a new job. Its words are not escaped. */
export type JobAnswer = AcceptedJob | JobRefusal;
export interface AcceptedJob {
  readonly state: 'queued';
  readonly id: string;
  readonly runsAt: Date;
  /** Where atd does not run, the job waits until it is started. */
  readonly isDaemonRunning: boolean;
  /** Whatever else it said. */
  readonly warning: string | null;
}
export interface JobRefusal {
  readonly state: 'refused';
  /** `bad-time`: at does not understand it; `past`: it does, and it is over. */
  readonly why: 'no-at' | 'not-permitted' | 'bad-time' | 'past' | 'failed';
  readonly said: string;
}

export type RetryQueued =
  | { readonly kind: 'queued'; readonly job: AcceptedJob }
  | { readonly kind: 'refused'; readonly refusal: JobRefusal };

/** How try-later ended; `check` is null where the first one was skipped. */
export type RetryEnd = { readonly check: CommandEnd | null } & (
  | RetryQueued
  | { readonly kind: 'acted' | 'acted-finally'; readonly end: CommandEnd }
  | { readonly kind: 'gave-up' }
  /** While the check was under way: nothing was done, nothing queued. */
  | { readonly kind: 'stopped'; readonly by: StopSignal }
);
