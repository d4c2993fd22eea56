import type { AccountName } from '../../core/domain/account/account-name.js';
import { broughtForward } from '../../core/plan/brought-forward.js';
import {
  type DueIndex,
  type DueWebsite,
  dueInstants,
  nextLookAt,
  withinBounds,
} from '../../core/plan/due-website.js';
import { inOrderOfWork, presses } from '../../core/plan/order-of-work.js';
import { withRenewals } from '../../core/plan/renewal/installed-website.js';
import type { RenewalRecord } from '../../core/renewal/information/renewal-record.js';
import { endsOf, lookAgainAt, type Retrying } from '../../core/report/check/website-ends.js';
import { fractionOf } from '../order/order-desk.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';
import type { Survey } from './survey-websites.js';

type DueHost = Pick<CheckHost, 'due' | 'locks'>;
type RetryHost = Pick<CheckHost, 'clock' | 'random' | 'provider'>;

/**
 * Notes which of the run's websites are due before the next run, for the poller: renewals and emergencies that begin by
 * then, deferrals that end, what waits for an instant (budget, a stopped account), and what was in trouble that passes by
 * itself; and what came of the run: `renewals` of what it installed, and what CAs said at its end (`learnt`). A run for one user
 * exchanges that user's websites alone. @throws StateError
 */
export async function noteDue(
  user: AccountName | null,
  survey: Survey,
  host: DueHost & RetryHost & Pick<CheckHost, 'settings'>,
  recorder: RunRecorder,
  news: { readonly renewals: readonly DueWebsite[]; readonly learnt: readonly RenewalRecord[] },
): Promise<void> {
  const now = host.clock.now();
  const until = new Date(now.getTime() + host.settings.intervalMs);
  const found = [...unfinished(survey, until, host, recorder), ...beginning(survey, recorder)];
  const sooner = news.learnt.filter(({ info }) => info !== null && info.selectedAt <= until);
  await changeDue(host, (index) => {
    const noted = {
      ...index,
      until: user === null ? until.toISOString() : (laterThan(now, index.until) ?? until.toISOString()),
      websites: withinBounds([...withRenewals(found, news.renewals), ...ofOthers(user, index)]),
    };
    return sooner.length === 0 ? noted : broughtForward(noted, sooner);
  });
}

/** Nothing of the user's (null: of anybody's) is due. @throws StateError */
export async function forgetDue(user: AccountName | null, host: DueHost): Promise<void> {
  await changeDue(host, (index) => ({ ...index, websites: ofOthers(user, index) }));
}

/** Changes the index while no other process does; the same value given back: nothing is written. @throws StateError */
export async function changeDue(host: DueHost, change: (index: DueIndex) => DueIndex): Promise<void> {
  const lock = await host.locks.acquire('due-index', 'websites that are due');
  try {
    const index = host.due.read();
    const changed = change(index);
    const isEmpty = dueInstants(changed).length + dueInstants(index).length === 0;
    if (changed === index || isEmpty) return;
    await lock.assertHeld();
    await host.due.write(changed);
  } finally {
    await lock.release();
  }
}

function laterThan(now: Date, until: string | null): string | null {
  return until !== null && Date.parse(until) > now.getTime() ? until : null;
}

function ofOthers(user: AccountName | null, { websites }: DueIndex): readonly DueWebsite[] {
  return user === null ? [] : websites.filter(({ account }) => account !== user);
}

/** Websites that there was work for and that are not settled. */
function unfinished({ work }: Survey, until: Date, host: RetryHost, recorder: RunRecorder): DueWebsite[] {
  const ends = endsOf(recorder.notable);
  return inOrderOfWork(work).flatMap(({ website: { account, vhost }, action, emergencyAt }) => {
    const end = ends.get(vhost);
    if (action.kind === 'await-order') return [];
    const again = end === undefined ? null : lookAgainAt(end, retrying(1, host));
    const isSettled = end?.isSettled === true;
    const isCalledBack = !isSettled && action.because.some(({ code }) => code === 'CALLED_BACK');
    // Where no instant was told the poller finds it called back, and looks at once.
    const dueAt = isCalledBack ? again : nextLookAt(again, isSettled ? null : emergencyAt, until);
    if (dueAt === null) return [];
    const pressesSince = !isSettled && presses(action) ? dueAt : emergencyAt;
    return [
      {
        ...dueWebsite({ account, vhost }, dueAt, pressesSince, recorder),
        ...(isCalledBack ? { isCalledBack: true } : {}),
        ...(end?.passing == null ? {} : { tries: 1 }),
      },
    ];
  });
}

function beginning({ soonDue }: Survey, recorder: RunRecorder): DueWebsite[] {
  return [...soonDue]
    .sort((a, b) => a.renewalAt.getTime() - b.renewalAt.getTime())
    .map((one) => dueWebsite(one, one.renewalAt, one.emergencyAt, recorder));
}

function dueWebsite(
  { account, vhost }: Pick<DueWebsite, 'account' | 'vhost'>,
  dueAt: Date,
  emergencyAt: Date | null,
  recorder: RunRecorder,
): DueWebsite {
  const logStartedAt = recorder.logStartedAtOf(vhost);
  return { account, vhost, ...instantsOf(dueAt, emergencyAt), logStartedAt };
}

/** What the instant of a website's next attempt is reckoned from, when it failed so often in a row. */
export function retrying(tries: number, { clock, random, provider }: RetryHost): Retrying {
  return { now: clock.now(), tries, lifeMs: provider.validityPeriodMs, fraction: fractionOf(random) };
}

/** As the index has them. */
export function instantsOf(dueAt: Date, emergencyAt: Date | null): Pick<DueWebsite, 'dueAt' | 'emergencyAt'> {
  return { dueAt: dueAt.toISOString(), emergencyAt: emergencyAt?.toISOString() ?? null };
}
