import { isServersOwn } from '../../domain/account/hostname-owner.js';
import type { StoredRenewalInfo } from '../verdict.js';
import { type AskingEnd, nextAsking } from './asking-time.js';
import { drawInstant, isSameWindow } from './drawn-instant.js';
import { parseSuggestedWindow } from './suggested-window.js';

/** A certificate in use whose CA is asked when to replace it. */
export interface RenewalRecord {
  readonly account: string;
  readonly vhost: string;
  /** RFC 9773 section 4.1. */
  readonly certificateId: string;
  readonly provider: string;
  readonly directoryUrl: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** When it is asked about next. */
  readonly askAt: Date;
  /** When the CA last said something of use; null: not yet. */
  readonly saidAt: Date | null;
  /** Temporary errors in a row. */
  readonly failures: number;
  /** Null: the CA has said nothing of use yet. */
  readonly info: StoredRenewalInfo | null;
}

/** A CA's answer. */
export type RenewalAnswer =
  | { readonly state: 'said'; readonly value: unknown; readonly retryAt: Date | null }
  | {
      readonly state: 'temporary' | 'lasting';
      readonly retryAt: Date | null;
      /** One printable clause. */
      readonly why: string;
    }
  /** It offers no renewal information at all. */
  | { readonly state: 'unsupported' };

/** What an answer makes of a record. */
export interface LearntRenewal {
  readonly record: RenewalRecord;
  /** Another window than before: another instant was drawn. */
  readonly isNewWindow: boolean;
  /** Why the answer is of no use; null: it is. */
  readonly fault: string | null;
}

/** Nothing is asked about what has expired (RFC 9773 section 4.3.3). */
export function isAskable(record: Pick<RenewalRecord, 'notAfter'>, now: Date): boolean {
  return now < record.notAfter;
}

/**
 * The record after an answer. The instant stays as drawn while the window stays; what was learnt stays while the CA fails or says
 * nonsense. @param random DRAWING_BYTES bytes; `phase` as in `nextAsking`
 */
export function learnAnswer(
  record: RenewalRecord,
  answer: Exclude<RenewalAnswer, { state: 'unsupported' }>,
  phase: number,
  random: Uint8Array,
  now: Date,
): LearntRenewal {
  const ended = (end: AskingEnd) => nextAsking(end, record.failures, phase, now);
  if (answer.state !== 'said') {
    const next = ended({ kind: answer.state, retryAt: answer.retryAt });
    return { record: { ...record, ...next }, isNewWindow: false, fault: answer.why };
  }
  const window = parseSuggestedWindow(answer.value, record);
  if ('fault' in window) {
    const next = ended({ kind: 'lasting', retryAt: answer.retryAt });
    return { record: { ...record, ...next }, isNewWindow: false, fault: window.fault };
  }
  const next = { ...ended({ kind: 'said', retryAt: answer.retryAt }), saidAt: now };
  const { info } = record;
  // What was called back stays so: some CAs move that window along with the clock.
  const isKnown =
    info !== null && (isSameWindow(info, window) || (isCalledBack(info) && window.endAt <= now));
  return {
    record: {
      ...record,
      ...next,
      info: isKnown
        ? { ...info, explanationUrl: window.explanationUrl }
        : {
            ...drawInstant(window, record, record.vhost, now, random),
            ...(info !== null && isForward(info, window.endAt) ? { isBroughtForward: true } : {}),
          },
    },
    isNewWindow: !isKnown,
    fault: null,
  };
}

/** What was once brought forward stays so, wherever the window moves then. */
function isForward(former: StoredRenewalInfo, endAt: Date): boolean {
  return former.isBroughtForward === true || endAt <= former.windowStartAt;
}

/** The CA wants it replaced now: the window was over when it was first seen (RFC 9773 section 4.2). */
export function isCalledBack(info: StoredRenewalInfo): boolean {
  return info.windowEndAt <= info.firstSeenAt;
}

/**
 * By what it is kept: a website has one certificate, the server's services may have several of the hostname at once. What its CA
 * said of one that is still in place must stand when another has just been issued: it is the reason to install that.
 */
export function renewalKeyOf(one: Pick<RenewalRecord, 'account' | 'vhost' | 'certificateId'>): string {
  return isServersOwn(one) ? `${one.account}/${one.certificateId}` : one.vhost;
}
