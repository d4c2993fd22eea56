import type { FaultSide } from '../../domain/fault-side.js';
import type { RunEvent } from '../events/event.js';
import { isWaiting } from '../status/waiting.js';
import { EXIT } from './exit-code.js';

/** What the exit code, the problems list and the closing summary need of a run: bounded by its work, not by its websites. */
export function isNotable(event: RunEvent): boolean {
  return event.fault !== undefined || NOTABLE_CODES.has(event.code) || isWaiting(event);
}

const NOTABLE_CODES = new Set([
  'CERTIFICATE_INSTALLED',
  'SERVICE_CERTIFICATE_INSTALLED',
  'ORDER_PENDING',
  'NOW_SERVED',
  'ORDER_WEBSITE_GONE',
]);

/** 0 unless something on this server's or the CA's side failed (design section 2). */
export function exitCodeFor(events: readonly RunEvent[]): number {
  return events.some((event) => event.fault === 'ours') ? EXIT.failed : EXIT.done;
}

/** A website whose order is pending at the provider. */
export interface PendingWebsite {
  readonly account: string;
  readonly vhost: string;
  /** ISO instant of the next look; null = the next run. */
  readonly pollAt: string | null;
  /** Why it waits, when that is more than the provider's own pace and was seen in this run. */
  readonly trouble: string | null;
}

/** Each website whose order is pending is named once, however often the log speaks of it. */
export function pendingOf(events: readonly RunEvent[]): PendingWebsite[] {
  const pending = new Map<string, PendingWebsite>();
  for (const { code, account = '', vhost = '', data } of events) {
    if (code !== 'ORDER_PENDING') continue;
    const { pollAt = null, trouble = null } = (data ?? {}) as Partial<PendingWebsite>;
    pending.set(vhost, { account, vhost, pollAt, trouble: trouble ?? pending.get(vhost)?.trouble ?? null });
  }
  return [...pending.values()];
}

export interface Problem {
  readonly account: string;
  readonly domain: string;
  readonly vhost: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  readonly fault: FaultSide;
  /** None of the name's addresses is on this server, which may be why. */
  readonly pointsElsewhere?: true;
  /** Where a person ends the pause that a CA put on the name. */
  readonly unpauseUrl?: string;
  /** Of the website as such, which may be called like one of its names; absent: of the name. */
  readonly about?: 'website';
}

/** What failed on this side and concerns no single account. */
export interface RunFault {
  readonly code: string;
  readonly message: string;
}

export function runFaultsOf(events: readonly RunEvent[]): RunFault[] {
  return events
    .filter(({ fault, account }) => fault === 'ours' && account === undefined)
    .map(({ code, contents }) => ({ code, message: contents }));
}

/**
 * The latest problem of each name, and of each website as such (both may be called the same), in the order in which they
 * came. A name that then got its certificate has none.
 */
export function problemsOf(events: readonly RunEvent[]): Problem[] {
  const problems = new Map<string, Problem>();
  for (const event of events) {
    const { account, vhost, name, fault } = event;
    if (account === undefined) continue;
    const keyOf = (one: string | undefined): string => `${account}\u0000${vhost ?? ''}\u0000${one ?? ''}`;
    const { advice, names, pointsElsewhere, unpauseUrl } = (event.data ?? {}) as {
      advice?: unknown;
      names?: readonly string[];
      pointsElsewhere?: unknown;
      unpauseUrl?: unknown;
    };
    if (event.code === 'CERTIFICATE_INSTALLED') for (const one of names ?? []) problems.delete(keyOf(one));
    if (fault === undefined) continue;
    // What is said of the website later on is mostly no more than what comes of this.
    const key = event.code === 'CAA_RECORD_NOT_ADDED' ? `${keyOf(name)}\u0000${event.code}` : keyOf(name);
    problems.set(key, {
      account,
      domain: name ?? vhost ?? '',
      vhost: vhost ?? '',
      code: event.code,
      message: event.contents,
      advice: typeof advice === 'string' ? advice : null,
      fault,
      ...(pointsElsewhere === true ? { pointsElsewhere } : {}),
      ...(typeof unpauseUrl === 'string' ? { unpauseUrl } : {}),
      ...(name === undefined && vhost !== undefined ? { about: 'website' as const } : {}),
    });
  }
  return [...problems.values()];
}
