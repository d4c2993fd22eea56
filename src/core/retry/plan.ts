import type { Command } from './command.js';

/** When the next check is due. */
export type RetryTime =
  | { readonly kind: 'delay'; readonly minutes: number }
  /** Words of at(1)'s own time syntax. */
  | { readonly kind: 'at'; readonly words: readonly string[] };

/** All that try-later knows: what it is told, and what it hands on to the job that it queues. */
export interface RetryPlan {
  readonly check: Command;
  /** Run once, when a check succeeds. */
  readonly action: Command;
  /** What is done when the last check has failed. */
  readonly actFinally: 'nothing' | 'action' | Command;
  readonly time: RetryTime;
  /** Checks that may still be queued. */
  readonly maxRetries: number;
  /** Queue the first of these instead of checking at once. */
  readonly skipFirst: boolean;
  /** Run by a job that try-later queued. */
  readonly isQueued: boolean;
}

export type RetryStep =
  | { readonly kind: 'check' }
  | { readonly kind: 'act'; readonly command: Command }
  /** `plan` is what the job is to carry out. */
  | { readonly kind: 'queue'; readonly plan: RetryPlan }
  | { readonly kind: 'act-finally'; readonly command: Command }
  | { readonly kind: 'give-up' };

/** The documentation says "5" where no delay is given, minutes. */
export const DEFAULT_DELAY_MINUTES = 5;

/** The program of the documented check, whose words are `/bin/sh -c exit 1`: it ends with 0, because the 1 is `$0`. */
const ALWAYS_SUCCEEDS: Command = { kind: 'script', text: '/bin/sh -c exit 1' };

/** The documented recipe: the action, once, that many minutes from now. */
export function actOnceLater(action: Command, minutes: number): RetryPlan {
  return {
    action,
    check: ALWAYS_SUCCEEDS,
    actFinally: 'nothing',
    time: { kind: 'delay', minutes },
    maxRetries: 1,
    skipFirst: true,
    isQueued: false,
  };
}

export function firstStep(plan: RetryPlan): Extract<RetryStep, { kind: 'check' | 'queue' }> {
  return plan.skipFirst ? { kind: 'queue', plan: nextPlan(plan) } : { kind: 'check' };
}

/** What follows a check that ended. */
export function stepAfterCheck(
  plan: RetryPlan,
  hasSucceeded: boolean,
): Exclude<RetryStep, { kind: 'check' }> {
  if (hasSucceeded) return { kind: 'act', command: plan.action };
  if (plan.maxRetries > 0) return { kind: 'queue', plan: nextPlan(plan) };
  if (plan.actFinally === 'nothing') return { kind: 'give-up' };
  return { kind: 'act-finally', command: plan.actFinally === 'action' ? plan.action : plan.actFinally };
}

/** What the job that is queued next is to carry out. */
export function nextPlan(plan: RetryPlan): RetryPlan {
  return { ...plan, maxRetries: plan.maxRetries - 1, skipFirst: false, isQueued: true };
}

/** The time in at(1)'s words. */
export function atWordsOf(time: RetryTime): readonly string[] {
  return time.kind === 'at' ? time.words : ['now', '+', String(time.minutes), 'minutes'];
}

/**
 * When to try instead of a time that at(1) found to be past; null when there is no other. An instant with a date comes
 * once: for a retry after it the default delay stands in. Told by a person, it is a mistake.
 */
export function timeInstead(plan: RetryPlan): RetryTime | null {
  return plan.isQueued && plan.time.kind === 'at' ? { kind: 'delay', minutes: DEFAULT_DELAY_MINUTES } : null;
}
