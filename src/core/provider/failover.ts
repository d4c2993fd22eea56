import type { OrderRecord } from '../order/record.js';
import type { ProviderDescription } from './description.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A renewal that another CA need not make waits no longer than this share of the life that is left. */
const SHARE_OF_REMAINING = 10;

/** How a CA stands: `down` since an instant nobody knows the end of, `held` until an instant it named or its limits do. */
export type CaStanding =
  | { readonly state: 'open' }
  | { readonly state: 'down'; readonly since: Date }
  | { readonly state: 'held'; readonly until: Date };

/** How urgently a website needs its certificate. */
export interface Urgency {
  /** Visitors have no acceptable certificate now. */
  readonly isNew: boolean;
  readonly isEmergency: boolean;
  /** When the present certificate ends; null: there is none. */
  readonly notAfter: Date | null;
}

/**
 * How long a website waits for its own CA before another one of the list is asked, in ms: `outageMs` (setting) where visitors
 * are warned off, nothing in an emergency, else a day, or a tenth of what is left of its life.
 */
export function patienceFor({ isNew, isEmergency, notAfter }: Urgency, outageMs: number, now: Date): number {
  if (isEmergency) return 0;
  if (isNew || notAfter === null) return outageMs;
  const remainingMs = Math.max(0, notAfter.getTime() - now.getTime());
  return Math.max(outageMs, Math.min(DAY_MS, remainingMs / SHARE_OF_REMAINING));
}

/** When a website need no longer wait for this CA; null: it must not be left at all. */
export function leavesAt(standing: CaStanding, patienceMs: number, now: Date): Date | null {
  switch (standing.state) {
    case 'open':
      return null;
    case 'down':
      return new Date(Math.min(standing.since.getTime(), now.getTime()) + patienceMs);
    case 'held':
      // A limit that ends soon enough is waited for.
      return standing.until.getTime() - now.getTime() > patienceMs ? now : null;
  }
}

/** How long an order may pend in an emergency before the next CA is asked as well, in ms. */
const EMERGENCY_PENDING_MS = HOUR_MS;

/** Whether, in an emergency, another CA is asked although this order pends: it may come too late. */
export function mayComeTooLate(
  { phase, createdAt }: Pick<OrderRecord, 'phase' | 'createdAt'>,
  now: Date,
): boolean {
  const isAtCa = phase === 'placed' || phase === 'finalized';
  return isAtCa && Date.parse(createdAt) <= now.getTime() - EMERGENCY_PENDING_MS;
}

/** What is remembered of a website's newest certificate: by whom, and in whose stead. */
export interface FormerCa {
  readonly provider: string;
  /** The CA whose turn it would have been; absent: it was its own. */
  readonly insteadOf?: string | null;
}

/**
 * The CA that renews a website: the one its certificate is of, while that is in the list; the one that had to be replaced comes
 * back. A new website has the first.
 */
export function homeOf(newest: FormerCa | null, list: readonly string[]): string | null {
  const wanted = [newest?.insteadOf, newest?.provider].find((name) => name != null && list.includes(name));
  return wanted ?? list[0] ?? null;
}

/** Why a provider cannot stand in for another; null: it can. Never silently to what visitors do not trust. */
export function unfitFallback(
  fallback: Pick<ProviderDescription, 'name' | 'kind' | 'isForRehearsals'>,
  primary: Pick<ProviderDescription, 'name' | 'kind' | 'isForRehearsals'>,
): 'IS_PRIMARY' | 'UNTRUSTED' | null {
  if (fallback.name === primary.name) return 'IS_PRIMARY';
  const isUntrusted = fallback.kind === 'local' || fallback.isForRehearsals;
  const isPrimaryUntrusted = primary.kind === 'local' || primary.isForRehearsals;
  return isUntrusted && !isPrimaryUntrusted ? 'UNTRUSTED' : null;
}
