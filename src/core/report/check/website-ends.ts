import type { RunEvent } from '../events/event.js';
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
}

/** The last one: its certificate is staged. */
const SETTLED = new Set(['CERTIFICATE_INSTALLED', 'ORDER_PENDING', 'SERVER_IN_TROUBLE']);

/** Names left out of orders by their own backoff: they stay wanted, whatever became of the others. */
const NAME_RETRIED = new Set(['CA_REFUSED_NAME', 'NAME_WAITS', 'NAME_HELD_BACK', 'NAME_PAUSED']);

/** When a website is to be looked at again by what was told; null: it was not, or all of it is settled. */
export function lookAgainAt({ isSettled, toldAt, nameRetryAt }: WebsiteEnd): Date | null {
  return isSettled ? nameRetryAt : earlier(toldAt, nameRetryAt);
}

/** How each website that these events tell of was left, by its name. */
export function endsOf(events: readonly RunEvent[]): ReadonlyMap<string, WebsiteEnd> {
  const ends = new Map<string, WebsiteEnd>();
  for (const event of events) {
    if (event.vhost === undefined) continue;
    const before = ends.get(event.vhost);
    const { dueAt = null, retryAt = null } = (event.data ?? {}) as {
      readonly dueAt?: string | null;
      readonly retryAt?: string | null;
    };
    const nameRetryAt = NAME_RETRIED.has(event.code) ? instantOf(retryAt) : null;
    ends.set(event.vhost, {
      isSettled: (before?.isSettled ?? false) || SETTLED.has(event.code),
      toldAt: earlier(before?.toldAt ?? null, instantOf(dueAt)),
      nameRetryAt: earlier(before?.nameRetryAt ?? null, nameRetryAt),
      waitsFor: isWaiting(event) ? (event.code as WaitCode) : (before?.waitsFor ?? null),
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
