import type { NoticeAudience } from '../../domain/notice-level.js';
import { isAllowed, isPast, SETTLED_MS, spent, WEBSITE_ALLOWANCE } from './allowance.js';
import { isMoreUrgent } from './matter.js';
import type { ToldEntry } from './told-record.js';
import type { Trouble } from './trouble.js';

/** A line that says that it is over names so many. */
const NAMES_KEPT = 10;

export interface LastingFacts {
  readonly audience: NoticeAudience;
  /** Whether the audience may be told now of what could wait. */
  readonly isAllowed: boolean;
  readonly now: Date;
}

/** What there is to tell of one website in one matter. */
export type LastingItem =
  | { readonly state: 'new' | 'changed' | 'worse'; readonly trouble: Trouble }
  | { readonly state: 'over'; readonly entry: ToldEntry }
  | {
      /** As it was told, or no news yet: only to be listed now and then. */
      readonly state: 'standing';
      /** Null: it comes and goes, and was not there at this look. */
      readonly trouble: Trouble | null;
      readonly entry: ToldEntry;
      /** What is to be remembered once it was listed. */
      readonly listed: ToldEntry;
    };

export interface LastingVerdict {
  readonly item: LastingItem | null;
  /** What is to be remembered; null: nothing. */
  readonly entry: ToldEntry | null;
}

/**
 * What is found of a website in one matter against what an audience was told of it. News are that it is so, that it is another
 * situation, and that it is over: twice at once, then once a week (`WEBSITE_ALLOWANCE`); what has to wait is compared again
 * with what was told. What comes back within a week of having gone is no news at all, nor is its end, before it has stayed, or
 * been gone, for a week. A certificate that comes nearer its end is news at any time.
 */
export function judgeLasting(
  trouble: Trouble | null,
  before: ToldEntry | undefined,
  facts: LastingFacts,
): LastingVerdict {
  if (trouble !== null) return judgeThere(trouble, seenThere(trouble, before, facts), facts);
  return before === undefined ? { item: null, entry: null } : judgeGone(before, facts);
}

function judgeThere(trouble: Trouble, entry: ToldEntry, facts: LastingFacts): LastingVerdict {
  const { now } = facts;
  const serial = serialOf(trouble);
  const isSameCertificate = entry.serial === serial;
  if (isSameCertificate && isMoreUrgent(trouble.urgency, urgencyIn(entry, now))) {
    return {
      item: { state: 'worse', trouble },
      entry: { ...toldOf(trouble, entry, now), fullAt: entry.fullAt },
    };
  }
  const isWorse = !isSameCertificate && isMoreUrgent(trouble.urgency, 'calm');
  const isNews = !entry.isKnown || isWorse || trouble.situation !== entry.situation;
  // What is near its end does not wait for the other websites of its account.
  const isAllowedNow = facts.isAllowed || isMoreUrgent(trouble.urgency, 'calm');
  const mayTell = isAllowedNow && entry.returns === 0 && isAllowed(entry.fullAt, WEBSITE_ALLOWANCE, now);
  if (isNews && mayTell) {
    const state = !entry.isKnown ? 'new' : isWorse ? 'worse' : 'changed';
    return { item: { state, trouble }, entry: toldOf(trouble, entry, now) };
  }
  const listed = toldOf(trouble, entry, now);
  const kept = isNews || isSameCertificate ? entry : { ...entry, serial, urgency: trouble.urgency };
  return { item: { state: 'standing', trouble, entry: kept, listed }, entry: kept };
}

function judgeGone(before: ToldEntry, facts: LastingFacts): LastingVerdict {
  const { now } = facts;
  const goneAt = before.goneAt ?? now.toISOString();
  const entry = { ...before, goneAt };
  const isSettled = before.goneAt !== null && isPast(before.goneAt, SETTLED_MS, now);
  if (!entry.isKnown) {
    // Its allowance is remembered: what comes back soon is no news.
    const isForgotten = isSettled && Date.parse(entry.fullAt) <= now.getTime();
    return { item: null, entry: isForgotten ? null : entry };
  }
  const comesAndGoes = entry.returns > 0 && !isSettled;
  if (facts.isAllowed && !comesAndGoes && isAllowed(entry.fullAt, WEBSITE_ALLOWANCE, now)) {
    const fullAt = spent(entry.fullAt, WEBSITE_ALLOWANCE, now);
    return {
      item: { state: 'over', entry },
      entry: { ...entry, isKnown: false, mentionedAt: now.toISOString(), fullAt },
    };
  }
  if (entry.returns === 0) return { item: null, entry };
  const fullAt = spent(entry.fullAt, WEBSITE_ALLOWANCE, now);
  const listed = { ...entry, mentionedAt: now.toISOString(), fullAt };
  return { item: { state: 'standing', trouble: null, entry, listed }, entry };
}

/** The entry of what is there now, before anybody is told. */
function seenThere(trouble: Trouble, before: ToldEntry | undefined, facts: LastingFacts): ToldEntry {
  const at = facts.now.toISOString();
  const isAgain =
    before !== undefined && (before.goneAt === null || !isPast(before.goneAt, SETTLED_MS, facts.now));
  if (!isAgain) {
    const { vhost, matter, kind, situation } = trouble;
    const fresh = { since: at, mentionedAt: at, isKnown: false, backAt: at, goneAt: null, returns: 0 };
    const told = { situation, urgency: 'calm' as const, serial: null, names: namesOf(trouble) };
    const fullAt = before?.fullAt ?? at;
    return { audience: facts.audience, vhost, matter, kind, ...told, ...fresh, fullAt };
  }
  if (before.goneAt !== null) return { ...before, goneAt: null, backAt: at, returns: before.returns + 1 };
  return before.returns > 0 && isPast(before.backAt, SETTLED_MS, facts.now)
    ? { ...before, returns: 0 }
    : before;
}

/** The entry once the trouble was told, or listed, as it is now. */
function toldOf(trouble: Trouble, entry: ToldEntry, now: Date): ToldEntry {
  const { kind, situation } = trouble;
  const serial = serialOf(trouble);
  const isLess = entry.serial === serial && isMoreUrgent(urgencyIn(entry, now), trouble.urgency);
  return {
    ...entry,
    kind,
    situation,
    serial,
    urgency: isLess ? entry.urgency : trouble.urgency,
    names: namesOf(trouble),
    mentionedAt: now.toISOString(),
    isKnown: true,
    fullAt: spent(entry.fullAt, WEBSITE_ALLOWANCE, now),
  };
}

/** Whether what is told of another matter takes the place of saying that this is over. */
export function isFollowedBy(entry: ToldEntry, trouble: Trouble): boolean {
  if (trouble.matter === 'expiry' || trouble.matter === 'foreign' || entry.names.length === 0) return true;
  return trouble.names.some(({ name }) => entry.names.includes(name));
}

/** What was noted by a clock that was ahead says nothing of how near the end is. */
function urgencyIn(entry: ToldEntry, now: Date): ToldEntry['urgency'] {
  return Date.parse(entry.mentionedAt) > now.getTime() ? 'calm' : entry.urgency;
}

function namesOf({ names }: Trouble): readonly string[] {
  return names.slice(0, NAMES_KEPT).map(({ name }) => name);
}

function serialOf({ certificate }: Trouble): string | null {
  return certificate?.serial ?? null;
}
