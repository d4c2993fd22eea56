import type { RunEvent } from '../events/event.js';

/** Why websites wait although something is to be done for them; no fault of anybody's in this run. */
export type WaitCode =
  | 'BUDGET_SPENT'
  | 'STOPPED_BY_CA'
  | 'LIMITED_BY_CA'
  | 'DOMAIN_LIMIT'
  | 'FAILED_BEFORE_LIMIT'
  | 'PROVIDER_UNREACHABLE'
  | 'PROVIDER_NEEDS_A_PERSON'
  | 'RESOLVER_DOWN'
  | 'RUN_STOPPED'
  | 'WEBSITE_LOCKED'
  | 'ORDERS_FAILED'
  | 'ROLLED_BACK'
  | 'SERVER_IN_TROUBLE';

const WAIT_CODES: ReadonlySet<string> = new Set<WaitCode>([
  'BUDGET_SPENT',
  'STOPPED_BY_CA',
  'LIMITED_BY_CA',
  'DOMAIN_LIMIT',
  'FAILED_BEFORE_LIMIT',
  'PROVIDER_UNREACHABLE',
  'PROVIDER_NEEDS_A_PERSON',
  'RESOLVER_DOWN',
  'RUN_STOPPED',
  'WEBSITE_LOCKED',
  'ORDERS_FAILED',
  'ROLLED_BACK',
  'SERVER_IN_TROUBLE',
]);

/** Websites that wait for the same thing. */
export interface Waiting {
  readonly code: string;
  readonly message: string;
  /** The latest instant told, null = none was. */
  readonly until: string | null;
  readonly websites: number;
}

/** Whether the event says that its website waits. */
export function isWaiting(event: RunEvent): boolean {
  return event.fault === undefined && WAIT_CODES.has(event.code);
}

/** Who waits for what, in the order in which the reasons came up. */
export function waitingOf(events: readonly RunEvent[]): Waiting[] {
  const groups = new Map<string, Waiting>();
  for (const event of events) {
    if (!isWaiting(event)) continue;
    const data = event.data as { dueAt?: string | null; why?: string } | undefined;
    const message = data?.why ?? event.contents;
    const key = `${event.code}\u0000${message}`;
    const before = groups.get(key);
    groups.set(key, {
      code: event.code,
      message,
      until: latest(before?.until ?? null, data?.dueAt ?? null),
      websites: (before?.websites ?? 0) + 1,
    });
  }
  return [...groups.values()];
}

/** ISO instants of one form sort by time. */
function latest(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
