import type { RunEvent } from './event.js';
import { isWaiting, type WaitCode } from './waiting.js';

/** How a run left a website that it had work for. */
export interface WebsiteEnd {
  /** It has its certificate, or its order goes on by itself. */
  readonly isSettled: boolean;
  /** The earliest instant that was told; null: none was. */
  readonly toldAt: Date | null;
  /** Why it waits; null: it does not. */
  readonly waitsFor: WaitCode | null;
}

/** The last one: its certificate is staged. */
const SETTLED = new Set(['CERTIFICATE_INSTALLED', 'ORDER_PENDING', 'SERVER_IN_TROUBLE']);

/** How each website that these events tell of was left, by its name. */
export function endsOf(events: readonly RunEvent[]): ReadonlyMap<string, WebsiteEnd> {
  const ends = new Map<string, WebsiteEnd>();
  for (const event of events) {
    if (event.vhost === undefined) continue;
    const before = ends.get(event.vhost);
    const { dueAt = null } = (event.data ?? {}) as { readonly dueAt?: string | null };
    ends.set(event.vhost, {
      isSettled: (before?.isSettled ?? false) || SETTLED.has(event.code),
      toldAt: earlier(before?.toldAt ?? null, dueAt === null ? null : new Date(dueAt)),
      waitsFor: isWaiting(event) ? (event.code as WaitCode) : (before?.waitsFor ?? null),
    });
  }
  return ends;
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
