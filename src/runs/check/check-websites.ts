import type { AccountName } from '../../core/domain/account/account-name.js';
import { type AutosslError, ConfigurationError, StateError } from '../../core/domain/autossl-error.js';
import type { AccountInventory } from '../../core/domain/website/website.js';
import { inOrderOfWork } from '../../core/plan/order-of-work.js';
import type { CheckReport, Forecast, Plan } from '../../core/report/check/check-report.js';
import { installedIn } from '../../core/report/check/installed.js';
import { exitCodeFor, pendingOf, problemsOf, runFaultsOf } from '../../core/report/check/tally.js';
import { actionPlanned, runStarted } from '../../core/report/events/analysis-events.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { fallbackUnusable } from '../../core/report/events/failover-events.js';
import { runFinished } from '../../core/report/events/summary-events.js';
import { challengesLeft, runEnded } from '../../core/report/events/work-events.js';
import { waitingOf } from '../../core/report/status/waiting.js';
import { tellOfCheck, tellOfStandstill } from '../findings/tell-run.js';
import { InstallDesk } from '../install/install-desk.js';
import { endLog } from '../log/log-end.js';
import { openLog } from '../log/unwritten-log.js';
import { pendingOrders } from '../order/pending-orders.js';
import { recoverOrders } from '../order/recover-orders.js';
import type { HeldLock } from '../ports/locks.js';
import { MetAccounts } from '../provider/known-accounts.js';
import { tellOfRun } from '../provider/provider-hooks.js';
import { renewalsOfInstalled } from '../renewal/installed-renewals.js';
import { askDueRenewals } from '../renewal/noted-certificates.js';
import { runSignal } from '../run-signal.js';
import { offerNames } from '../sni/offer-names.js';
import { forecastCaa } from '../validation/forecast-caa.js';
import { askAgain } from './ask-again.js';
import { carryOutPlan } from './carry-out-plan.js';
import type { CheckHost } from './check-host.js';
import { applyMassBrake, expiredAtOnce } from './mass-brake.js';
import { forgetDue, noteDue } from './note-due.js';
import { assertNothingLost } from './nothing-lost.js';
import { placePlaceholders } from './place-placeholders.js';
import { writeProblems } from './problem-lists.js';
import { RunRecorder } from './run-recorder.js';
import { isStopItself, runStopped, throwIfCutShort } from './run-stop.js';
import { readUser, type Survey, surveyWebsites } from './survey-websites.js';
import { beginTidying, tidyOrphans } from './tidy-orphans.js';

export interface CheckScope {
  /** Null = all users. */
  readonly user: AccountName | null;
  readonly isReissueAsked: boolean;
}

/** What would be done. Places nothing, locks nothing, logs nothing. */
export async function forecastCheck(
  scope: CheckScope,
  host: CheckHost,
  listen: (event: RunEvent) => void,
): Promise<Forecast> {
  const recorder = new RunRecorder(null, listen);
  const pending = await pendingOrders(host);
  const survey = await surveyWebsites({ ...scope, pending }, host, recorder);
  await forecastCaa(survey.work, host, recorder);
  return {
    plan: planOf(scope, survey, host),
    exitCode: exitCodeFor(recorder.notable),
    problems: problemsOf(recorder.notable),
  };
}

/**
 * One run of autossl_check. @throws StateError LOCKED (another run), BRAKE (mass change), TREE_UNREADABLE, LOCK_LOST, CLOCK_JUMPED;
 * UsageError UNKNOWN_USER; ConfigurationError; whatever was begun by then is journalled and logged.
 */
export async function checkWebsites(
  scope: CheckScope & { readonly isBrakeOverridden: boolean; readonly signal: AbortSignal },
  host: CheckHost,
  listen: (event: RunEvent) => void,
): Promise<CheckReport> {
  // A mistyped name is no run: nothing is locked, recovered or logged for it.
  if (scope.user !== null) await readUser(scope.user, host);
  // Before anything is written where a file system may only be missing.
  if (!scope.isBrakeOverridden) await assertNothingLost(host);
  const lock = await lockRun(scope, host);
  try {
    await host.tidy();
    const facts = { provider: host.provider.name, username: scope.user ?? '*' };
    const recorder = new RunRecorder(await openLog(() => host.openJournal(facts)), listen);
    try {
      return await endLog(await runUnderLog(scope, host, recorder, lock), recorder);
    } catch (error) {
      recorder.record(runEnded(error));
      // What stops this run holds for the poller too.
      if (error instanceof StateError && error.code === 'BRAKE') await forgetDue(scope.user, host);
      // What ends a run is worth more than what becomes of its log.
      await recorder.end();
      throw error;
    }
  } finally {
    await lock.release();
  }
}

async function runUnderLog(
  scope: CheckScope & { readonly isBrakeOverridden: boolean; readonly signal: AbortSignal },
  host: CheckHost,
  recorder: RunRecorder,
  lock: HeldLock,
): Promise<CheckReport> {
  const signal = runSignal(scope.signal, lock, host);
  recorder.record(
    ...runStarted({ providerName: host.provider.displayName, root: host.root, scope: scope.user }),
  );
  for (const name of host.untrustedFallbacks ?? [])
    recorder.record(fallbackUnusable(name, 'no visitor trusts its certificates.'));
  await tellOfRun('startCheck', scope.user, host, recorder);
  const installs = new InstallDesk(host.install, host.orders, recorder, lock.signal);
  try {
    await recoverOrders(scope.user, host, recorder, installs, signal);
  } finally {
    // What an earlier run got is in place before anything is judged.
    await installs.drain();
  }
  throwIfCutShort(signal);
  for (const line of await host.sweepChallenges()) recorder.record(challengesLeft(line));
  const pending = await pendingOrders(host);
  const tidying = scope.user === null ? beginTidying(host, recorder) : null;
  const accounts = host.providerHooks === null ? null : new MetAccounts(host.providerHooks);
  const onMet = (inventory: AccountInventory): void => {
    tidying?.unclaimed.meet(inventory);
    accounts?.meet(inventory);
  };
  const options = { ...scope, pending, onMet, askingSignal: signal };
  let survey: Survey;
  try {
    survey = await surveyWebsites(options, host, recorder);
    const plan = planOf(scope, survey, host);
    recorder.record(planRecord(plan), ...plan.actions.map(actionPlanned));
    if (scope.user === null) await applyMassBrake(survey.health, scope.isBrakeOverridden, host, recorder);
    const work = inOrderOfWork(
      survey.work.filter(({ action }) => action.kind === 'request' || action.kind === 'replace'),
    );
    const placed = await placePlaceholders(survey.empty, host, recorder, signal);
    // A server that could not be tested for want of a file can be now.
    if (placed > 0 && installs.isHolding) await recoverOrders(scope.user, host, recorder, installs, signal);
    const expired = expiredAtOnce(survey.health, scope.user === null, host, recorder);
    try {
      await carryOutPlan(work, { ...options, expired }, host, recorder, installs, signal);
    } catch (error) {
      // What was done is reported as after any other stop.
      if (!isStopItself(error, signal)) throw error;
      recorder.record(runStopped(signal));
    }
  } catch (error) {
    if (isStandstill(error)) await tellOfStandstill(error, host, recorder);
    throw error;
  } finally {
    await installs.end();
  }
  throwIfCutShort(signal);
  await untilStopped(signal, () => askAgain(scope.user, host, recorder, signal));
  // What was issued in this run, above all.
  const learnt = await askDueRenewals(
    { account: scope.user, isForced: false },
    host,
    recorder.record,
    signal,
  );
  if (tidying !== null && !signal.aborted) {
    await tidyOrphans(tidying, { isMassMeant: scope.isBrakeOverridden, signal }, host, recorder);
  }
  if (scope.user === null && !signal.aborted) await accounts?.conclude(recorder);
  await tellOfRun('finishCheck', scope.user, host, recorder);
  // Also what expired, or whose daemon was set up since.
  const { sni } = host.install;
  if (sni !== null) await untilStopped(signal, () => offerNames(sni, recorder.record, signal));
  // What is written from here on is another run's, if the lock is.
  await lock.assertHeld();
  throwIfCutShort(signal);
  const report = reportOf(scope, survey, host, recorder);
  if (survey.health.oursCount + report.counts.installed > 0) await host.stateMark.set();
  else if (scope.user === null) await host.stateMark.unset();
  await writeProblems(survey, report.problems, host, recorder);
  const nextRunAt = new Date(host.clock.now().getTime() + host.settings.intervalMs);
  const renewals = await renewalsOfInstalled(nextRunAt, host, recorder);
  await noteDue(scope.user, survey, host, recorder, { renewals, learnt });
  await tellOfCheck(scope.user, survey, host, recorder);
  recorder.record(...runFinished(report, survey.firstForeignExpiry, host.clock.now()));
  return report;
}

/** Does what a stop may cut off without a word: nothing is lost by it. */
async function untilStopped(signal: AbortSignal, task: () => Promise<unknown>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!isStopItself(error, signal)) throw error;
  }
}

/** Nothing more may be ordered, and nobody but people can change that. */
function isStandstill(error: unknown): error is AutosslError {
  return error instanceof ConfigurationError || (error instanceof StateError && error.code === 'BRAKE');
}

async function lockRun({ user }: CheckScope, host: CheckHost): Promise<HeldLock> {
  const name = user === null ? 'run' : `run:${user}`;
  const deadline = new Date(host.clock.now().getTime() + host.settings.deadlineMs).toISOString();
  const lock = await host.locks.tryAcquire(
    name,
    `autossl_check ${user === null ? '--all' : `--user=${user}`}, ends by ${deadline}`,
  );
  if (!('heldBy' in lock)) return lock;
  const { pid, startedAt, note } = lock.heldBy;
  throw new StateError('LOCKED', `another run is under way: process ${pid}, started ${startedAt} (${note})`, {
    advice: 'Try again when it has ended.',
  });
}

function planOf(scope: CheckScope, survey: Survey, host: CheckHost): Plan {
  return {
    schemaVersion: 1,
    provider: host.provider.name,
    user: scope.user ?? '*',
    counts: survey.counts,
    actions: inOrderOfWork(survey.work).map(({ action }) => action),
  };
}

function planRecord(plan: Plan): RunEvent {
  const { actions, ...facts } = plan;
  return {
    type: 'out',
    code: 'PLAN',
    indent: 0,
    contents: `Plan: ${actions.length} of ${plan.counts.websites} websites need something.`,
    data: facts,
  };
}

function reportOf(scope: CheckScope, survey: Survey, host: CheckHost, recorder: RunRecorder): CheckReport {
  const installed = installedIn(recorder.notable);
  const waiting = waitingOf(recorder.notable);
  const pending = pendingOf(recorder.notable);
  return {
    schemaVersion: 1,
    exitCode: exitCodeFor(recorder.notable),
    provider: host.provider.name,
    user: scope.user ?? '*',
    log: recorder.logStartedAt ?? '',
    counts: {
      ...survey.counts,
      installed: installed.length,
      pending: pending.length,
      waiting: waiting.reduce((sum, { websites }) => sum + websites, 0),
    },
    installed,
    faults: runFaultsOf(recorder.notable),
    problems: problemsOf(recorder.notable),
    pending,
    waiting,
  };
}
