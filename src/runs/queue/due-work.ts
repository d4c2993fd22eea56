import { parseAccountName } from '../../core/domain/account/account-name.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import type { AccountInventory } from '../../core/domain/website/website.js';
import { judgeAccount } from '../../core/order/limits/order-budget.js';
import { settleLedger } from '../../core/order/limits/settled-ledger.js';
import { withCalledBack } from '../../core/plan/brought-forward.js';
import {
  type DueWebsite,
  dueNow,
  MOST_WEBSITES_PER_POLL,
  nextLookAt,
  shareOut,
} from '../../core/plan/due-website.js';
import { inOrderOfWork, presses } from '../../core/plan/order-of-work.js';
import type { RenewalRecord } from '../../core/renewal/information/renewal-record.js';
import { endsOf, lookAgainAt, waitsUntilTried } from '../../core/report/check/website-ends.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { runFailed } from '../../core/report/events/work-events.js';
import type { WebsiteName } from '../../core/report/queue-report.js';
import type { WaitCode } from '../../core/report/status/waiting.js';
import { carryOutPlan } from '../check/carry-out-plan.js';
import { assertNoMassAmong, expiredAtOnce } from '../check/mass-brake.js';
import { changeDue, instantsOf, retrying } from '../check/note-due.js';
import { placePlaceholders } from '../check/place-placeholders.js';
import { RunRecorder } from '../check/run-recorder.js';
import { type Survey, surveyAccounts, type WebsiteWork } from '../check/survey-websites.js';
import { accountLimitsOf } from '../order/account-limits.js';
import { pendingOrders } from '../order/pending-orders.js';
import type { QueueSession } from './queue-session.js';

/** Waits that are over when another process or the next turn says so. */
const UNTIL_NEXT_TURN: ReadonlySet<WaitCode> = new Set(['WEBSITE_LOCKED', 'RUN_STOPPED']);
/** Somebody makes room, and may not think of us: tried again after a while. */
const NO_SPACE = 'NO_SPACE';
/** How long that is, in ms. */
const ROOM_AGAIN_MS = 60 * 60_000;
/** What is called back and waits for nothing that was told is looked at again after this, in ms. */
const LOOK_AGAIN_MS = 60 * 60_000;
/** What people must loosen: trying every 5 minutes would only fill their mail. */
const STOPPED_BY_PEOPLE: ReadonlySet<string> = new Set(['BRAKE', 'TERMS_NOT_ACCEPTED', NO_SPACE]);
/** What a poller may not do: certificates are exchanged before their time, and brakes are loosened, by people. */
const OPTIONS = { isReissueAsked: false, isBrakeOverridden: false } as const;

/** As many as a poller looks at. */
const ANY_NUMBER = { mayOrder: true, left: MOST_WEBSITES_PER_POLL } as const;

/** The websites of the due index whose instant has come: judged like a run's, and carried out by the same means. */
export class DueWork {
  readonly #session: QueueSession;
  #brake: AutosslError | null = null;

  constructor(session: QueueSession) {
    this.#session = session;
  }

  /** What stopped the ordering: the websites are left to the next run, which will be stopped by it too (or looked at again where room was missing). */
  get brake(): AutosslError | null {
    return this.#brake;
  }

  /** Gives the websites that there was work for. @throws StateError; ConfigurationError TERMS_NOT_ACCEPTED */
  async carryOut(): Promise<readonly WebsiteName[]> {
    const { host, signal } = this.#session;
    const now = host.clock.now();
    // By what is known of their certificates, whoever has learnt it.
    const calledBack = host.renewalInfo.calledBack(now);
    const due = dueNow(withCalledBack(host.due.read(), calledBack), now);
    if (due.length === 0 || signal.aborted) return [];
    const budget = await this.#budget(now);
    // What another provider may be asked for is told one by one.
    const isShared =
      (host.fallbacks ?? []).length > 0 && !budget.mayOrder && budget.because === 'STOPPED_BY_CA';
    const { taken, postponed } = shareOut(due, isShared ? ANY_NUMBER : budget, now);
    const pending = await pendingOrders(host);
    // What is as it should be leaves no line: whoever made it so has logged it.
    const looked = new LookedEvents();
    const survey = await surveyAccounts(
      this.#accountsOf(taken),
      { ...OPTIONS, pending, askingSignal: signal },
      host,
      new RunRecorder(null, looked.add, this.#session.recorder.findings),
    );
    const work = inOrderOfWork(
      survey.work.filter(({ action }) => action.kind === 'request' || action.kind === 'replace'),
    );
    const told = new Set([...work.map(({ website }) => website.vhost), ...looked.faulty()]);
    const touched = taken.filter(({ vhost }) => told.has(vhost));
    if (touched.length > 0) await this.#work(touched, work, survey, looked);
    await this.#note(taken, [...postponed, ...this.#heldWith(taken, due)], survey, calledBack);
    return touched.map(({ account, vhost }) => ({ account, vhost }));
  }

  /** What may be ordered for. A ledger that has to be put right, or made anew, is so by whoever orders: it holds nobody up. */
  async #budget(now: Date): Promise<ReturnType<typeof judgeAccount>> {
    const { host } = this.#session;
    const limits = accountLimitsOf(host.provider, host);
    try {
      const found = await host.ledger.read(host.provider.name);
      const { corrections } = settleLedger(found, limits, now);
      return corrections.length > 0 ? ANY_NUMBER : judgeAccount(found, now, limits);
    } catch (error) {
      if (!(error instanceof AutosslError) || error.code !== 'CORRUPT_RECORD') throw error;
      return ANY_NUMBER;
    }
  }

  async *#accountsOf(taken: readonly DueWebsite[]): AsyncGenerator<AccountInventory> {
    const vhosts = new Map<string, Set<string>>();
    for (const { account, vhost } of taken) {
      vhosts.set(account, (vhosts.get(account) ?? new Set()).add(vhost));
    }
    for (const [account, wanted] of vhosts) {
      const inventory = await this.#session.host.accounts.read(parseAccountName(account));
      // Gone, suspended or broken: what the next run says of them all holds for these.
      if (inventory?.state !== 'ready') continue;
      yield {
        ...inventory,
        websites: inventory.websites.filter(({ vhost }) => wanted.has(vhost)),
        faults: [],
      };
    }
  }

  async #work(
    touched: readonly DueWebsite[],
    work: readonly WebsiteWork[],
    survey: Survey,
    looked: LookedEvents,
  ): Promise<void> {
    const { host, journal, recorder, installs, signal, prepare } = this.#session;
    await prepare();
    for (const { vhost, logStartedAt } of touched) await journal.assign(vhost, logStartedAt);
    recorder.record(...looked.of(touched));
    try {
      await assertNoMassAmong(survey.health, host, recorder);
      await placePlaceholders(survey.empty, host, recorder, signal);
      const expired = expiredAtOnce(survey.health, false, host, recorder);
      await carryOutPlan(work, { ...OPTIONS, expired }, host, recorder, installs, signal);
    } catch (error) {
      if (!(error instanceof AutosslError) || !STOPPED_BY_PEOPLE.has(error.code)) throw error;
      recorder.record(runFailed(error.code, error.message, error.advice));
      this.#brake = error;
    } finally {
      await installs.end();
    }
  }

  /** When each of them is looked at again. `calledBack`: as was known before they were looked at. */
  async #note(
    taken: readonly DueWebsite[],
    postponed: readonly DueWebsite[],
    survey: Survey,
    calledBack: readonly RenewalRecord[],
  ): Promise<void> {
    const { host } = this.#session;
    const handled = new Set([...taken, ...postponed].map(({ vhost }) => vhost));
    const next = this.#brake === null ? this.#nextOf(survey) : this.#nextBehind(this.#brake);
    const stays = this.#stillCalledBack(calledBack);
    const inAWhile = new Date(host.clock.now().getTime() + LOOK_AGAIN_MS).toISOString();
    await changeDue(host, ({ until: nextRunAt, websites, ...rest }) => {
      // A run that did not come is waited for no longer.
      const until =
        nextRunAt !== null && Date.parse(nextRunAt) <= host.clock.now().getTime() ? null : nextRunAt;
      const again = (one: DueWebsite): readonly DueWebsite[] => {
        const isCalledBack = stays.has(one.vhost);
        const { isCalledBack: _, ...known } = one;
        const found = next(known, isCalledBack ? 'called-back' : until);
        if (!isCalledBack) return found === undefined ? [] : [found];
        return [{ ...(found ?? { ...known, dueAt: inAWhile }), isCalledBack: true }];
      };
      const later = new Map([...taken.flatMap(again), ...postponed].map((one) => [one.vhost, one]));
      const listed = new Set(websites.map(({ vhost }) => vhost));
      const added = [...taken, ...postponed].filter(({ vhost }) => !listed.has(vhost));
      return {
        ...rest,
        until: nextRunAt,
        websites: [...added, ...websites]
          .flatMap((one) => (handled.has(one.vhost) ? (later.get(one.vhost) ?? []) : [one]))
          // What is called back is nobody's to wait for the next run with.
          .filter(({ dueAt, isCalledBack }) => isCalledBack || until === null || dueAt <= until),
      };
    });
  }

  /** Websites whose certificates were called back and still lie in place, for whatever reason. */
  #stillCalledBack(before: readonly RenewalRecord[]): ReadonlySet<string> {
    const { renewalInfo, clock } = this.#session.host;
    const ids = new Set(before.map(({ certificateId }) => certificateId));
    const still = renewalInfo.calledBack(clock.now()).filter(({ certificateId }) => ids.has(certificateId));
    return new Set(still.map(({ vhost }) => vhost));
  }

  /** Those not looked at in this turn that will wait for the same as one that was, when nobody knows for how long. */
  #heldWith(taken: readonly DueWebsite[], due: readonly DueWebsite[]): readonly DueWebsite[] {
    const { host, recorder } = this.#session;
    const end = [...endsOf(recorder.notable).values()].find(waitsUntilTried);
    const dueAt = end === undefined ? null : lookAgainAt(end, retrying(1, host));
    if (dueAt === null) return [];
    return due.filter((one) => !taken.includes(one)).map((one) => ({ ...one, dueAt: dueAt.toISOString() }));
  }

  #nextBehind(brake: AutosslError): (one: DueWebsite) => DueWebsite | undefined {
    const again = new Date(this.#session.host.clock.now().getTime() + ROOM_AGAIN_MS).toISOString();
    return (one) => (brake.code === NO_SPACE ? { ...one, dueAt: again } : undefined);
  }

  /** `until`: what comes later is the next run's; what is called back waits for what it was told, however late. */
  #nextOf(survey: Survey): (one: DueWebsite, until: string | null | 'called-back') => DueWebsite | undefined {
    const { host, recorder } = this.#session;
    const now = host.clock.now();
    const ends = endsOf(recorder.notable);
    const work = new Map(survey.work.map((item) => [item.website.vhost as string, item]));
    const soonDue = new Map(survey.soonDue.map((one) => [one.vhost as string, one]));
    const horizon = (until: string | null): Date =>
      until === null ? new Date(now.getTime() + host.settings.intervalMs) : new Date(until);
    return (one, until) => {
      const kept = soonDue.get(one.vhost);
      if (kept !== undefined) return { ...one, ...instantsOf(kept.renewalAt, kept.emergencyAt) };
      const item = work.get(one.vhost);
      const end = ends.get(one.vhost);
      if (item === undefined || item.action.kind === 'await-order') return undefined;
      const waitsFor = end?.waitsFor ?? null;
      const tries = (one.tries ?? 0) + 1;
      const toldAt = end === undefined ? null : lookAgainAt(end, retrying(tries, host));
      const emergencyAt = end?.isSettled === true ? null : item.emergencyAt;
      if (waitsFor !== null && UNTIL_NEXT_TURN.has(waitsFor)) return one;
      const dueAt = until === 'called-back' ? toldAt : nextLookAt(toldAt, emergencyAt, horizon(until));
      if (dueAt === null) return undefined;
      const { tries: _former, ...website } = one;
      return {
        ...website,
        ...instantsOf(dueAt, presses(item.action) ? now : emergencyAt),
        logStartedAt: recorder.logStartedAtOf(one.vhost),
        ...(end?.passing == null ? {} : { tries }),
      };
    };
  }
}

/** What was said while websites were looked at, kept until it is known which of them are worked on. */
class LookedEvents {
  readonly #events: RunEvent[] = [];

  readonly add = (event: RunEvent): void => {
    this.#events.push(event);
  };

  /** Websites that could not be judged. */
  faulty(): readonly string[] {
    return this.#events.flatMap(({ vhost, fault }) =>
      vhost !== undefined && fault !== undefined ? [vhost] : [],
    );
  }

  of(websites: readonly DueWebsite[]): readonly RunEvent[] {
    const told = new Set(websites.map(({ vhost }) => vhost));
    return this.#events.filter(({ vhost }) => vhost !== undefined && told.has(vhost));
  }
}
