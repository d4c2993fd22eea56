import type { RunEvent } from './event.js';
import { EXIT } from './exit-code.js';

/** What the exit code, the problems list and the closing summary need of a run: bounded by its work, not by its websites. */
export function isNotable(event: RunEvent): boolean {
  return event.fault !== undefined || NOTABLE_CODES.has(event.code);
}

const NOTABLE_CODES = new Set(['CERTIFICATE_INSTALLED', 'ORDER_PENDING', 'ORDERS_WAIT', 'ADVICE']);

/** 0 unless something on this server's or the CA's side failed (design section 2). */
export function exitCodeFor(events: readonly RunEvent[]): number {
  return events.some((event) => event.fault === 'ours') ? EXIT.failed : EXIT.done;
}

/** Websites whose order is pending: each is named once, however often the log speaks of it. */
export function countPending(events: readonly RunEvent[]): number {
  return new Set(events.filter(({ code }) => code === 'ORDER_PENDING').map(({ vhost }) => vhost)).size;
}

export interface Problem {
  readonly account: string;
  readonly domain: string;
  readonly vhost: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  readonly fault: 'ours' | 'owner';
}

/**
 * The latest problem of each name (or website, where no name is to blame), in the order in which they came. What the
 * owner must do about a name is not hidden by what followed from it for the website of that name.
 */
export function problemsOf(events: readonly RunEvent[]): Problem[] {
  const problems = new Map<string, Problem>();
  const named = new Set<string>();
  for (const event of events) {
    const { account, vhost, fault } = event;
    if (account === undefined || fault === undefined) continue;
    const domain = event.name ?? vhost ?? '';
    const key = `${account}\u0000${vhost ?? ''}\u0000${domain}`;
    if (event.name !== undefined) named.add(key);
    else if (fault === 'owner' && named.has(key)) continue;
    const advice = (event.data as { advice?: unknown } | undefined)?.advice;
    problems.set(key, {
      account,
      domain,
      vhost: vhost ?? '',
      code: event.code,
      message: event.contents,
      advice: typeof advice === 'string' ? advice : null,
      fault,
    });
  }
  return [...problems.values()];
}
