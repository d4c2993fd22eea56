import { shortInstant } from '../text/log-instant.js';
import type { BlockingLimit, LimitCode } from './limits.js';
import { runAtOrAfter } from './run-schedule.js';
import type { WebsiteFacts, WhyFacts } from './why-facts.js';

/** What is done next for the name, when and why then. Plain JSON. */
export interface NextAttempt {
  readonly action: 'none' | 'order' | 'renew' | 'replace' | 'await-order' | 'install';
  /** ISO instant; null: nothing is foreseen, or at the next run, whenever somebody starts that. */
  readonly at: string | null;
  readonly because: NextBecause;
  /** One clause. */
  readonly message: string;
}
export type NextBecause =
  | 'NOTHING_TO_DO'
  | 'NO_PROVIDER'
  | 'RENEWAL'
  | 'ORDER_PENDING'
  | 'DUE'
  | 'NEXT_RUN'
  | 'DEFERRAL'
  | LimitCode;

/** A renewal that waits for names that fail (design 5.3). Plain JSON. */
export interface Deferral {
  /** When it waits no longer and goes on without them. */
  readonly endsAt: string;
  /** Secured names that failed when last looked at. */
  readonly names: readonly string[];
}

const POLL_WORDS = 'by the 5-minute job';

/** `failing`: secured names that are known to fail now. */
export function deferralOf(
  { renewal, isDefective }: { readonly renewal: WebsiteFacts['renewal']; readonly isDefective: boolean },
  failing: readonly string[],
  now: Date,
): Deferral | null {
  if (renewal === null || isDefective || !renewal.isDue || !renewal.isDeferrable) return null;
  if (failing.length === 0 || now >= renewal.deferralEndsAt) return null;
  return { endsAt: renewal.deferralEndsAt.toISOString(), names: failing };
}

/** When this name's certificate is next worked on. */
export function nextAttempt(
  facts: Pick<WhyFacts, 'provider' | 'schedule'> & { readonly website: WebsiteFacts },
  limits: readonly BlockingLimit[],
  deferral: Deferral | null,
  now: Date,
): NextAttempt {
  const { website, schedule } = facts;
  const { next } = website.status;
  if (next.action === 'none') return { ...NOTHING, message: 'nothing is to be done' };
  if (facts.provider.state !== 'chosen') {
    return { action: 'none', at: null, because: 'NO_PROVIDER', message: 'no provider is active' };
  }
  if (next.action === 'await-order' || next.action === 'install') return afterOrder(facts, now);
  if (next.at !== null && Date.parse(next.at) > now.getTime()) {
    return { action: next.action, at: next.at, because: 'RENEWAL', message: 'its renewal begins' };
  }
  const held = latestOf(limits);
  const from = held === null ? now : new Date(Math.max(now.getTime(), Date.parse(held.until)));
  const candidates: NextAttempt[] = [];
  const run = runAtOrAfter(schedule, from);
  const end = held === null ? null : `${shortInstant(held.until)} (${held.code})`;
  if (run !== null) {
    candidates.push({
      action: next.action,
      at: run.toISOString(),
      because: held?.code ?? 'NEXT_RUN',
      message: end === null ? 'the nightly run' : `the first nightly run after ${end}`,
    });
  }
  const dueAt = website.due === null ? null : new Date(website.due.dueAt);
  if (schedule.isPolled && dueAt !== null && (held === null || dueAt >= from)) {
    const because = deferral?.endsAt === website.due?.dueAt ? 'DEFERRAL' : (held?.code ?? 'DUE');
    const message = `${POLL_WORDS}${because === 'DEFERRAL' ? ': then it waits no longer for names that fail' : ''}`;
    const at = new Date(Math.max(dueAt.getTime(), now.getTime())).toISOString();
    candidates.push({ action: next.action, at, because, message });
  }
  const [first] = candidates.sort((a, b) => Date.parse(a.at ?? '') - Date.parse(b.at ?? ''));
  return first ?? untimed(next.action, held);
}

const NOTHING = { action: 'none', at: null, because: 'NOTHING_TO_DO' } as const;

type Held = BlockingLimit & { readonly until: string };

/** The limit that ends last holds it back. */
function latestOf(limits: readonly BlockingLimit[]): Held | null {
  const timed = limits.filter((limit): limit is Held => limit.until !== null);
  return timed.sort((a, b) => Date.parse(b.until) - Date.parse(a.until))[0] ?? null;
}

function untimed(action: NextAttempt['action'], held: Held | null): NextAttempt {
  return held === null
    ? {
        action,
        at: null,
        because: 'NEXT_RUN',
        message: 'the next run of autossl_check, whenever it is started',
      }
    : {
        action,
        at: held.until,
        because: held.code,
        message: `the first run of autossl_check after it (${held.code})`,
      };
}

function afterOrder(
  { website, schedule }: Pick<WhyFacts, 'schedule'> & { readonly website: WebsiteFacts },
  now: Date,
): NextAttempt {
  const { action, at } = website.status.next;
  const from = at === null ? now : new Date(Math.max(now.getTime(), Date.parse(at)));
  const what =
    action === 'install' ? 'its certificate is put in place' : 'the provider is asked for the order';
  if (schedule.isPolled) {
    return { action, at: from.toISOString(), because: 'ORDER_PENDING', message: `${what}, ${POLL_WORDS}` };
  }
  const run = runAtOrAfter(schedule, now);
  const when = run === null ? 'by the next run of autossl_check' : 'by the nightly run';
  return { action, at: run?.toISOString() ?? null, because: 'ORDER_PENDING', message: `${what}, ${when}` };
}
