import type { Evaluation } from '../evaluation/evaluation.js';
import type { ReplacementRight } from '../evaluation/may-replace.js';
import type { PlannedAction } from './action.js';

/** A website that something is to be done for before the next run of autossl_check. Instants are ISO 8601 UTC. */
export interface DueWebsite {
  readonly account: string;
  readonly vhost: string;
  /** From then on it is judged again, and what is due is done. */
  readonly dueAt: string;
  /** When our own share of the orders no longer holds its renewal back; null: no such instant. */
  readonly emergencyAt: string | null;
  /** Start of the run whose log tells of it. */
  readonly logStartedAt: string | null;
  /** Its CA calls the certificate in place back, which `dueAt` takes into account. Absent: no, or that was not known yet. */
  readonly isCalledBack?: true;
  /** How often in a row it was tried in vain because of what passes by itself; absent: not at all. */
  readonly tries?: number;
}

/** Which websites are due between two runs: `index/due.json`, a cache that the next run makes anew. */
export interface DueIndex {
  /** When the next run has looked at every website: nothing later is listed. Null: no run has written it. */
  readonly until: string | null;
  /** In the order in which they are worked through. */
  readonly websites: readonly DueWebsite[];
  /** When the poller looks at the server's own certificates; absent: not before the next run of checkallsslcerts. */
  readonly hostnameDueAt?: string;
}

export const NO_DUE_WEBSITES: DueIndex = { until: null, websites: [] };

/** What is kept at most: four days of Let's Encrypt's half share (150 in 3 hours) for a job that reads the list every 5 minutes. */
export const MOST_DUE_WEBSITES = 5000;
/** A poller looks at no more websites at once, so that it ends within a few minutes; the rest follows at its next turn. */
export const MOST_WEBSITES_PER_POLL = 300;
/** Of the websites looked at some turn out to be fine, or fail validation: so many more than may be ordered for are looked at. */
export const LOOKED_AT_PER_ORDER = 2;

/** What comes for a website by time alone. */
export interface Foreseen {
  /** When its renewal begins; null: that is not ours to do, or it has begun. */
  readonly renewalAt: Date | null;
  /** Null: none, or it is past. */
  readonly emergencyAt: Date | null;
}

/** The instants that lie before a website, from what was judged now. */
export function foresee(
  evaluation: Pick<Evaluation, 'renewal' | 'ownership' | 'tlsStatus'>,
  action: Pick<PlannedAction, 'kind' | 'because'>,
  replacement: ReplacementRight,
  now: Date,
): Foreseen {
  const { renewal } = evaluation;
  const isNobodysTurn =
    action.kind === 'await-order' ||
    replacement.because.code === 'FOREIGN' ||
    action.because.some(({ code }) => code === 'NO_NAMES');
  if (renewal === null || isNobodysTurn) {
    return { renewalAt: null, emergencyAt: null };
  }
  const isKept = action.kind === 'keep' && action.because.some(({ code }) => code === 'VALID');
  const isForeignKept = replacement.because.code === 'FOREIGN_HEALTHY';
  return {
    renewalAt: (isKept || isForeignKept) && renewal.dueAt > now ? renewal.dueAt : null,
    // What is broken already does not get worse.
    emergencyAt:
      evaluation.tlsStatus !== 'defective' && renewal.emergencyAt > now ? renewal.emergencyAt : null,
  };
}

/**
 * When a website that is to be done something for is looked at again before the next run; null: not before it.
 * `toldAt`: what it was said to wait for, which may be past.
 */
export function nextLookAt(toldAt: Date | null, emergencyAt: Date | null, until: Date): Date | null {
  const instants = [toldAt, emergencyAt].filter((instant) => instant !== null);
  const [first] = instants.sort((a, b) => a.getTime() - b.getTime());
  return first === undefined || first > until ? null : first;
}

/** The earliest `MOST_DUE_WEBSITES`, in the order given; beyond them all that press when they are due. */
export function withinBounds(websites: readonly DueWebsite[]): readonly DueWebsite[] {
  if (websites.length <= MOST_DUE_WEBSITES) return websites;
  const byInstant = [...websites.keys()].sort(
    (a, b) => Date.parse(websites[a]?.dueAt ?? '') - Date.parse(websites[b]?.dueAt ?? '') || a - b,
  );
  const kept = new Set(byInstant.slice(0, MOST_DUE_WEBSITES));
  return websites.filter((one, place) => kept.has(place) || isPressing(one, new Date(one.dueAt)));
}

/** Whether it comes before whatever is not pressing, and our own share of the orders does not hold it back. */
export function isPressing(
  { isCalledBack, emergencyAt }: Pick<DueWebsite, 'isCalledBack' | 'emergencyAt'>,
  now: Date,
): boolean {
  return isCalledBack === true || (emergencyAt !== null && Date.parse(emergencyAt) <= now.getTime());
}

/** Websites whose instant has come. */
export function dueNow({ websites }: DueIndex, now: Date): readonly DueWebsite[] {
  return websites.filter(({ dueAt }) => Date.parse(dueAt) <= now.getTime());
}

/** Whether the server's own certificates are due. */
export function isHostnameDue({ hostnameDueAt }: DueIndex, now: Date): boolean {
  return hostnameDueAt !== undefined && Date.parse(hostnameDueAt) <= now.getTime();
}

/** The index with another such instant; null: none. */
export function withHostnameDue({ until, websites }: DueIndex, dueAt: Date | null): DueIndex {
  return { until, websites, ...(dueAt === null ? {} : { hostnameDueAt: dueAt.toISOString() }) };
}

/** All instants at which something is due, ISO 8601. */
export function dueInstants({ websites, hostnameDueAt }: DueIndex): readonly string[] {
  const instants = websites.map(({ dueAt }) => dueAt);
  return hostnameDueAt === undefined ? instants : [...instants, hostnameDueAt];
}

/** What a poller does with the websites that are due. */
export interface DueShare {
  /** Looked at now. */
  readonly taken: readonly DueWebsite[];
  /** With the instant until which the orders are held back. */
  readonly postponed: readonly DueWebsite[];
}

/**
 * Shares out the websites that are due by what may be ordered now, so that nobody is looked at in vain. Those that press come first,
 * and our own share of the orders does not hold them back: only what their CA has stopped does, and what the poller can do at once.
 */
export function shareOut(
  due: readonly DueWebsite[],
  budget:
    | { readonly mayOrder: true; readonly left: number }
    | { readonly mayOrder: false; readonly because: string; readonly until: Date },
  now: Date,
): DueShare {
  const isStopped = !budget.mayOrder && budget.because !== 'BUDGET_SPENT';
  const pressing = isStopped ? [] : due.filter((one) => isPressing(one, now));
  const others = isStopped ? due : due.filter((one) => !isPressing(one, now));
  const first = pressing.slice(0, MOST_WEBSITES_PER_POLL);
  if (budget.mayOrder) {
    const room = MOST_WEBSITES_PER_POLL - first.length;
    const most = Math.min(room, Math.max(1, budget.left) * LOOKED_AT_PER_ORDER);
    return { taken: [...first, ...others.slice(0, most)], postponed: [] };
  }
  const held = budget.until.toISOString();
  const heldUntil = ({ emergencyAt }: DueWebsite): string =>
    !isStopped && emergencyAt !== null && emergencyAt < held ? emergencyAt : held;
  return { taken: first, postponed: others.map((one) => ({ ...one, dueAt: heldUntil(one) })) };
}
