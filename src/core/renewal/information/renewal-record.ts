import { isServersOwn } from '../../domain/account/hostname-owner.js';
import { isOutOfReach } from '../../domain/stored-instant.js';
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
  /** Since when, and how often, its CA was found to offer no renewal information any more; absent: it did when it was last asked. */
  readonly unoffered?: Unoffered;
  /** Null: the CA has said nothing of use yet. */
  readonly info: StoredRenewalInfo | null;
}

/** How often nobody was found to ask, and since when. */
export interface Unoffered {
  readonly since: Date;
  readonly looks: number;
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
  /** It knows other certificates: this one it does not. */
  | {
      readonly state: 'unknown-certificate';
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
  /** It is the certificate's, and says nothing of how the CA answers for others. */
  readonly isItsOwnFault: boolean;
}

/** One answer that has no renewal information may be a slip: what was drawn is kept until it was so for as long, in as many looks. */
const UNOFFERED_MS = 24 * 3_600_000;
const UNOFFERED_LOOKS = 3;
/** By what our clock may be off, unnoticed: what was first seen further ahead was seen by one that was wrong. */
const CLOCK_TOLERANCE_MS = 3_600_000;

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
  if (answer.state === 'temporary') {
    const next = ended({ kind: answer.state, retryAt: answer.retryAt });
    return { record: { ...record, ...next }, isNewWindow: false, fault: answer.why, isItsOwnFault: false };
  }
  const { unoffered: _, ...offered } = record;
  if (answer.state !== 'said') {
    const isItsOwnFault = answer.state === 'unknown-certificate';
    const next = ended(
      isItsOwnFault ? { kind: answer.state } : { kind: answer.state, retryAt: answer.retryAt },
    );
    return { record: { ...offered, ...next }, isNewWindow: false, fault: answer.why, isItsOwnFault };
  }
  const window = parseSuggestedWindow(answer.value, record);
  if ('fault' in window) {
    const next = ended({ kind: 'lasting', retryAt: answer.retryAt });
    const after = { ...offered, ...next };
    return { record: after, isNewWindow: false, fault: window.fault, isItsOwnFault: true };
  }
  const next = { ...ended({ kind: 'said', retryAt: answer.retryAt }), saidAt: now };
  const { info } = offered;
  // What was called back stays so: some CAs move that window along with the clock.
  const isKnown =
    info !== null &&
    !isOutOfReach(info.firstSeenAt, CLOCK_TOLERANCE_MS, now) &&
    (isSameWindow(info, window) || (isCalledBack(info) && window.endAt <= now));
  return {
    record: {
      ...offered,
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
    isItsOwnFault: false,
  };
}

/**
 * The record once nobody was found to ask about it: its CA offers no such thing, or is not reached any more. Null: so it was for a
 * day and in three looks, and nothing is remembered any more; at once where nothing was ever said. `phase` as in `nextAsking`
 */
export function learnUnoffered(record: RenewalRecord, phase: number, now: Date): RenewalRecord | null {
  if (record.info === null) return null;
  const { since, looks } = record.unoffered ?? { since: now, looks: 0 };
  const unoffered = { since: since > now ? now : since, looks: looks + 1 };
  const lastedMs = now.getTime() - unoffered.since.getTime();
  if (unoffered.looks >= UNOFFERED_LOOKS && lastedMs >= UNOFFERED_MS) return null;
  const { askAt } = nextAsking({ kind: 'lasting', retryAt: null }, 0, phase, now);
  return { ...record, askAt, failures: 0, unoffered };
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
