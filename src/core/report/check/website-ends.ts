import { type Fraction, retryDelayMs } from '../../order/backoff.js';
import type { RunEvent } from '../events/event.js';
import type { PassingTrouble } from '../events/work-events.js';
import { isWaiting, type WaitCode } from '../status/waiting.js';

/** How a run left a website that it had work for. */
export interface WebsiteEnd {
  /** It has its certificate, or its order goes on by itself. */
  readonly isSettled: boolean;
  /** The earliest instant that was told; null: none was. */
  readonly toldAt: Date | null;
  /** When the first of the names that the provider could not validate may be tried again; null: there is none. */
  readonly nameRetryAt: Date | null;
  /** Why it waits; null: it does not. */
  readonly waitsFor: WaitCode | null;
  /** What was in the way passes by itself, the CA's trouble as a rule; null: it does not. */
  readonly passing: PassingTrouble | null;
}

/** The last one: its certificate is staged. */
const SETTLED = new Set(['CERTIFICATE_INSTALLED', 'ORDER_PENDING', 'SERVER_IN_TROUBLE']);

/** Names left out of orders by their own backoff: they stay wanted, whatever became of the others. */
const NAME_RETRIED = new Set(['CA_REFUSED_NAME', 'NAME_WAITS', 'NAME_HELD_BACK', 'NAME_PAUSED']);

/** Waits of which nobody knows the end: looked at again after `LOOK_AGAIN_MS`. */
const UNTIL_TRIED: ReadonlySet<WaitCode> = new Set(['PROVIDER_UNREACHABLE', 'RESOLVER_DOWN']);
const LOOK_AGAIN_MS = 60 * 60_000;

/** What the next attempt of a website is reckoned from. */
export interface Retrying {
  readonly now: Date;
  /** How often in a row it failed by what passes by itself, this time included. */
  readonly tries: number;
  /** Life of the CA's certificates, null = unknown. */
  readonly lifeMs: number | null;
  readonly fraction: Fraction;
}

/**
 * When a website is to be looked at again; null: all of it is settled, or it is left to the next run. What was told comes
 * first; a passing trouble is tried again after 1, 10 and 100 minutes, and then daily. `retrying` null: what was told alone.
 */
export function lookAgainAt(end: WebsiteEnd, retrying: Retrying | null): Date | null {
  const { isSettled, toldAt, nameRetryAt } = end;
  if (isSettled) return nameRetryAt;
  return earlier(toldAt ?? (retrying === null ? null : untoldAt(end, retrying)), nameRetryAt);
}

/** Whether nobody knows how long what it waits for lasts: it holds all websites alike. */
export function waitsUntilTried({ waitsFor, isSettled, toldAt }: WebsiteEnd): boolean {
  return !isSettled && toldAt === null && waitsFor !== null && UNTIL_TRIED.has(waitsFor);
}

function untoldAt(end: WebsiteEnd, { now, tries, lifeMs, fraction }: Retrying): Date | null {
  if (waitsUntilTried(end)) return new Date(now.getTime() + LOOK_AGAIN_MS);
  const { passing } = end;
  if (passing === null) return null;
  const ours = new Date(now.getTime() + retryDelayMs(tries, lifeMs, fraction));
  return passing.notBefore !== null && passing.notBefore > ours ? passing.notBefore : ours;
}

/** How each website that these events tell of was left, by its name. */
export function endsOf(events: readonly RunEvent[]): ReadonlyMap<string, WebsiteEnd> {
  const ends = new Map<string, WebsiteEnd>();
  for (const event of events) {
    if (event.vhost === undefined) continue;
    const before = ends.get(event.vhost);
    const {
      dueAt = null,
      retryAt = null,
      passing = null,
    } = (event.data ?? {}) as {
      readonly dueAt?: string | null;
      readonly retryAt?: string | null;
      readonly passing?: { readonly notBefore: string | null } | null;
    };
    const nameRetryAt = NAME_RETRIED.has(event.code) ? instantOf(retryAt) : null;
    ends.set(event.vhost, {
      isSettled: (before?.isSettled ?? false) || SETTLED.has(event.code),
      toldAt: earlier(before?.toldAt ?? null, instantOf(dueAt)),
      nameRetryAt: earlier(before?.nameRetryAt ?? null, nameRetryAt),
      waitsFor: isWaiting(event) ? (event.code as WaitCode) : (before?.waitsFor ?? null),
      passing: passing === null ? (before?.passing ?? null) : { notBefore: instantOf(passing.notBefore) },
    });
  }
  return ends;
}

function instantOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
