import { printable } from '../../domain/name/names.js';
import { isInstantDue } from '../../domain/stored-instant.js';
import type { OutgoingMessage } from '../outgoing-message.js';

/** What carries messages; whatever stands behind `mail` (sendmail, SMTP), a message goes there once. */
export const CHANNEL_NAMES = ['mail', 'webhook', 'command'] as const;
export type ChannelName = (typeof CHANNEL_NAMES)[number];

/** What became of handing a message to a channel; `said` and `why` are one printable clause without secrets. */
export type DeliveryAnswer =
  | { readonly outcome: 'delivered'; readonly said: string }
  | {
      readonly outcome: 'refused';
      /** This message will never be taken by this channel; else it is worth another attempt. */
      readonly isPermanent: boolean;
      /** It is the channel that does not work: other messages would fare alike. */
      readonly isChannelDown: boolean;
      /** It was handed over whole, and nobody said whether it was taken. */
      readonly mayHaveArrived: boolean;
      readonly why: string;
    };

/** How far one message got with one channel. Instants ISO 8601. */
export interface ChannelDelivery {
  readonly state: 'waiting' | 'delivered' | 'given-up';
  /** Attempts begun. */
  readonly attempts: number;
  /**
   * Times the message itself was handed over and nobody said what became of it: the process died, or the other side gave no
   * answer. Each may have arrived.
   */
  readonly unanswered: number;
  /** When the first began; null: none did. */
  readonly firstAt: string | null;
  /** When the next may begin. */
  readonly nextAt: string;
  /** What was said last, and when; null: nothing yet. */
  readonly answer: string | null;
  readonly answeredAt: string | null;
}

/** A message and how far it got; a channel without an entry was not tried yet. */
export interface QueuedMessage {
  readonly message: OutgoingMessage;
  readonly deliveries: Readonly<Partial<Record<ChannelName, ChannelDelivery>>>;
}

const MS_PER_MINUTE = 60_000;
/** Pauses after the first, second … attempt; after more the last. Four hours: as mail servers do (RFC 5321 4.5.4.1). */
const PAUSES_MS = [1, 5, 15, 60, 240].map((minutes) => minutes * MS_PER_MINUTE);
const LONGEST_PAUSE_MS = 240 * MS_PER_MINUTE;
/** RFC 5321 4.5.4.1: give up after at least 4 to 5 days of trying. */
export const GIVE_UP_AFTER_MS = 5 * 24 * 60 * MS_PER_MINUTE;
/** And not before so many attempts, of the thirty that these days hold: the days alone may be those of a clock that was set. */
const LEAST_ATTEMPTS = 10;
/** What was handed over without a word may have arrived: once more, and never a third time. */
const MOST_UNANSWERED = 2;
/** Of what the other side said, so much is kept. */
const MAX_ANSWER_LENGTH = 300;

/** A channel that was not tried yet. */
export function untried(now: Date): ChannelDelivery {
  return {
    state: 'waiting',
    attempts: 0,
    unanswered: 0,
    firstAt: null,
    nextAt: now.toISOString(),
    answer: null,
    answeredAt: null,
  };
}

/** Whether an attempt may begin. */
export function isDeliveryDue({ state, nextAt }: ChannelDelivery, now: Date): boolean {
  return state === 'waiting' && isAttemptDue(new Date(nextAt), now);
}

/** Whether an attempt may begin that was put off until `at`; what no pause reaches was written by a clock that was wrong. */
export function isAttemptDue(at: Date, now: Date): boolean {
  return isInstantDue(at, LONGEST_PAUSE_MS, now);
}

/** An attempt as it begins; given up where two hand-overs ended without a word, so that nobody gets a message a third time. */
export function attemptBegun(delivery: ChannelDelivery, now: Date): ChannelDelivery {
  if (delivery.unanswered >= MOST_UNANSWERED) {
    return {
      ...delivery,
      state: 'given-up',
      answer: 'the process died while it was handed over; given twice, it may have arrived',
      answeredAt: now.toISOString(),
    };
  }
  const attempts = delivery.attempts + 1;
  return {
    ...delivery,
    attempts,
    firstAt: delivery.firstAt ?? now.toISOString(),
    nextAt: later(now, pauseAfter(attempts)),
  };
}

/**
 * What is noted of an attempt just before the message itself goes out. A crash after this leaves it so: counted, and not due
 * before its pause; a crash before this has not counted, and nothing of the message had left.
 */
export function handOverBegun(begun: ChannelDelivery): ChannelDelivery {
  return { ...begun, unanswered: begun.unanswered + 1 };
}

/** Whether a message may have arrived already: then it is handed over alone, so that one crash costs one message. */
export function mayBeThere({ unanswered }: ChannelDelivery): boolean {
  return unanswered > 0;
}

/** What is noted after an attempt; `begun`: as `attemptBegun` gave it. */
export function attemptAnswered(begun: ChannelDelivery, answer: DeliveryAnswer, now: Date): ChannelDelivery {
  const noted = {
    ...begun,
    answer: clipped(answer.outcome === 'delivered' ? answer.said : answer.why),
    answeredAt: now.toISOString(),
  };
  if (answer.outcome === 'delivered') return { ...noted, state: 'delivered' };
  const triedMs = now.getTime() - Date.parse(begun.firstAt ?? now.toISOString());
  const isTooLate = answer.isPermanent || (triedMs >= GIVE_UP_AFTER_MS && begun.attempts >= LEAST_ATTEMPTS);
  if (!answer.mayHaveArrived) {
    if (isTooLate) return { ...noted, state: 'given-up' };
    return { ...noted, nextAt: later(now, pauseAfter(begun.attempts)) };
  }
  const { unanswered } = handOverBegun(begun);
  if (isTooLate || unanswered >= MOST_UNANSWERED) {
    const why = `${answer.why}; ${unanswered > 1 ? 'given twice, ' : ''}it may have arrived`;
    return { ...noted, unanswered, state: 'given-up', answer: clipped(why) };
  }
  // Who takes it and does not say so in time would be given it every few minutes.
  return { ...noted, unanswered, nextAt: later(now, LONGEST_PAUSE_MS) };
}

/** When the message must be looked at again; null: no channel waits. */
export function nextAttemptAt(deliveries: readonly ChannelDelivery[]): Date | null {
  const instants = deliveries.flatMap(({ state, nextAt }) =>
    state === 'waiting' ? [Date.parse(nextAt)] : [],
  );
  return instants.length === 0 ? null : new Date(Math.min(...instants));
}

function pauseAfter(attempts: number): number {
  return PAUSES_MS[Math.max(1, attempts) - 1] ?? LONGEST_PAUSE_MS;
}

function later(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}

function clipped(text: string): string {
  return printable([...text].slice(0, MAX_ANSWER_LENGTH).join(''));
}
