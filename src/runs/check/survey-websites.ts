import { type AccountName, isAccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { parseHostName, printable } from '../../core/domain/name/names.js';
import type { AccountInventory, Website, WebsiteRef } from '../../core/domain/website/website.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';
import type { PlannedAction } from '../../core/plan/action.js';
import { foresee } from '../../core/plan/due-website.js';
import type { HealthCount } from '../../core/plan/mass-change.js';
import type { SurveyCounts } from '../../core/report/check/check-report.js';
import {
  accountFault,
  accountSkipped,
  accountStarted,
  websiteAnalysed,
  wildcardsLeftOut,
} from '../../core/report/events/analysis-events.js';
import { websiteFailed } from '../../core/report/events/work-events.js';
import { type JudgingOptions, judgeWebsite } from '../judging/judge-website.js';
import { noSuchUser } from '../known-account.js';
import { RenewalQuestions } from '../renewal/renewal-questions.js';
import { type AskedWebsite, AskedWebsites, vhostsByAccount } from '../revocation/asked-websites.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';

/** One website with something to do. */
export interface WebsiteWork {
  readonly website: Website;
  readonly action: PlannedAction;
  /** When our own share no longer holds it back; null: no such instant lies before it. */
  readonly emergencyAt: Date | null;
}

/** One website whose renewal begins before the next run. */
export interface SoonDue extends WebsiteRef {
  readonly renewalAt: Date;
  readonly emergencyAt: Date | null;
}

export interface Survey {
  readonly work: readonly WebsiteWork[];
  readonly soonDue: readonly SoonDue[];
  /** Websites where nothing lies at all. */
  readonly empty: readonly Website[];
  readonly counts: SurveyCounts;
  /** Accounts looked at: their problem lists are rewritten. */
  readonly accounts: readonly AccountName[];
  /** Accounts that could not be looked at: what was known of their websites stays. */
  readonly broken: readonly AccountName[];
  /** Accounts whose websites are not looked at: suspended, or without the feature. */
  readonly skipped: readonly AccountName[];
  readonly health: HealthCount;
  /** The foreign certificate that expires first. */
  readonly firstForeignExpiry: { readonly vhost: string; readonly notAfter: Date } | null;
}

export interface SurveyOptions extends JudgingOptions {
  /** Null = every account. */
  readonly user: AccountName | null;
  /** Told of each account that was met. */
  readonly onMet?: (inventory: AccountInventory) => void;
  /** Issuers are asked which certificates of ours are revoked, until it aborts; absent: what is known already counts. */
  readonly askingSignal?: AbortSignal;
}

/**
 * Looks at every website account by account, logs what was found and keeps only those with something to do: memory
 * grows with the work, not with the websites. @throws UsageError UNKNOWN_USER, StateError TREE_UNREADABLE
 */
export async function surveyWebsites(
  options: SurveyOptions,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<Survey> {
  return surveyAccounts(accountsInScope(options, host), options, host, recorder);
}

/** The same of these accounts and websites alone. */
export async function surveyAccounts(
  inventories: AsyncIterable<AccountInventory>,
  options: Omit<SurveyOptions, 'user'>,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<Survey> {
  const survey = new SurveyInProgress(options, host, recorder);
  for await (const inventory of inventories) await survey.look(inventory);
  if (options.askingSignal !== undefined) {
    await survey.askIssuers(options.askingSignal);
    await survey.askForRenewals(options.askingSignal);
  }
  return survey.result();
}

async function* accountsInScope({ user }: SurveyOptions, host: CheckHost): AsyncIterable<AccountInventory> {
  if (user === null) {
    yield* host.accounts.readAll();
    return;
  }
  yield await readUser(user, host);
}

/** @throws UsageError UNKNOWN_USER, StateError TREE_UNREADABLE */
export async function readUser(
  user: AccountName,
  host: Pick<CheckHost, 'accounts'>,
): Promise<AccountInventory> {
  const inventory = await host.accounts.read(user);
  if (inventory !== undefined) return inventory;
  throw noSuchUser(user);
}

/**
 * No sign of trouble on this server: what comes with time alone (a wrong clock is caught at the CA's Date header), and what
 * the issuer has signed.
 */
const NOT_OF_THIS_SERVER: ReadonlySet<string> = new Set([
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_NOT_YET_VALID',
  'REVOKED',
  'KEY_COMPROMISED',
]);

/** A website that was counted already. */
type MetWebsite = Omit<AskedWebsite, 'fingerprint'>;

class SurveyInProgress {
  readonly #options: Omit<SurveyOptions, 'user'>;
  readonly #host: CheckHost;
  readonly #recorder: RunRecorder;
  #work: WebsiteWork[] = [];
  #soonDue: SoonDue[] = [];
  readonly #empty: Website[] = [];
  readonly #accounts: AccountName[] = [];
  readonly #broken: AccountName[] = [];
  readonly #skipped: AccountName[] = [];
  #unhealthy: string[] = [];
  readonly #asked = new AskedWebsites();
  readonly #renewals: RenewalQuestions;
  #oursCount = 0;
  #websites = 0;
  #foreign = 0;
  #firstForeign: { vhost: string; notAfter: Date } | null = null;

  constructor(options: Omit<SurveyOptions, 'user'>, host: CheckHost, recorder: RunRecorder) {
    this.#options = options;
    this.#host = host;
    this.#recorder = recorder;
    this.#renewals = new RenewalQuestions(host);
  }

  async look(inventory: AccountInventory): Promise<void> {
    const { record } = this.#recorder;
    this.#options.onMet?.(inventory);
    if (inventory.state === 'broken') {
      record(accountFault(inventory.account, inventory.fault));
      if (isAccountName(inventory.account)) this.#broken.push(inventory.account);
      return;
    }
    if (inventory.state === 'skipped') {
      record(accountSkipped(inventory.account, inventory.reason));
      this.#accounts.push(inventory.account);
      this.#skipped.push(inventory.account);
      return;
    }
    const { account, websites, faults } = inventory;
    this.#accounts.push(account.name);
    record(accountStarted(account.name, websites.length));
    for (const fault of faults) record(accountFault(account.name, fault));
    for (const website of websites) await this.#lookAt(website);
  }

  async #lookAt(website: Website): Promise<void> {
    this.#websites += 1;
    try {
      const judged = await judgeWebsite(website, this.#options, this.#host);
      const { evaluation, action, issued } = judged;
      const now = this.#host.clock.now();
      this.#recorder.record(
        ...websiteAnalysed(website, evaluation, action, now),
        ...wildcardsLeftOut(website, action),
      );
      this.#recorder.findings.judged(website, judged, now);
      this.#count(website, evaluation, action, issued.length > 0);
      const { renewalAt, emergencyAt } = foresee(evaluation, action, judged.replacement, now);
      if (action.kind !== 'keep') this.#work.push({ website, action, emergencyAt });
      else if (renewalAt !== null && renewalAt.getTime() <= now.getTime() + this.#host.settings.intervalMs) {
        this.#soonDue.push({ account: website.account, vhost: website.vhost, renewalAt, emergencyAt });
      }
      if (judged.evidence.kind === 'absent') this.#empty.push(website);
      if (this.#options.askingSignal !== undefined) {
        this.#asked.add(website, { ...judged, isRecorded: issued.length > 0 }, now);
        this.#renewals.add(website, evaluation, issued, now);
      }
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      this.#recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice));
    }
  }

  /** Asks issuers which certificates of ours they revoked, and judges anew where more is known than before. */
  async askIssuers(signal: AbortSignal): Promise<void> {
    const { revocation } = this.#host;
    if (revocation === null) return;
    await this.#lookAgainAt(await this.#asked.ask(revocation, this.#recorder.record, signal));
  }

  /** Asks CAs when to renew what they issued, and judges anew what that brings forward to before the next run, or puts off. */
  async askForRenewals(signal: AbortSignal): Promise<void> {
    const changed = await this.#renewals.ask(this.#recorder.record, signal);
    if (changed.length === 0) return;
    const horizon = this.#host.clock.now().getTime() + this.#host.settings.intervalMs;
    const foreseen = new Set<string>([
      ...this.#work.map(({ website }) => website.vhost),
      ...this.#soonDue.map(({ vhost }) => vhost),
    ]);
    const again = changed.filter(
      ({ vhost, info }) => foreseen.has(vhost) || (info?.selectedAt.getTime() ?? 0) <= horizon,
    );
    const websites = again.map(({ account, vhost }) => ({
      account: parseAccountName(account),
      vhost: parseHostName(vhost),
      isRecorded: true,
    }));
    await this.#lookAgainAt(websites);
  }

  async #lookAgainAt(again: readonly MetWebsite[]): Promise<void> {
    this.#forget(again);
    for (const [account, vhosts] of vhostsByAccount(again)) {
      const inventory = await this.#host.accounts.read(account);
      if (inventory?.state !== 'ready') continue;
      for (const website of inventory.websites) if (vhosts.has(website.vhost)) await this.#lookAt(website);
    }
  }

  /** As if these had not been looked at yet. */
  #forget(websites: readonly MetWebsite[]): void {
    const gone = new Set<string>(websites.map(({ vhost }) => vhost));
    this.#work = this.#work.filter(({ website }) => !gone.has(website.vhost));
    this.#soonDue = this.#soonDue.filter(({ vhost }) => !gone.has(vhost));
    this.#unhealthy = this.#unhealthy.filter((vhost) => !gone.has(vhost));
    this.#websites -= websites.length;
    this.#oursCount -= websites.filter(({ isRecorded }) => isRecorded).length;
  }

  #count(website: Website, evaluation: Evaluation, action: PlannedAction, isRecorded: boolean): void {
    if (isRecorded) {
      this.#oursCount += 1;
      const broken = evaluation.defects.filter(({ severity }) => severity === 'defective');
      if (broken.some(({ code }) => !NOT_OF_THIS_SERVER.has(code))) this.#unhealthy.push(website.vhost);
    }
    // What is about to be replaced need not be watched by anybody.
    if (evaluation.ownership === 'foreign' && action.kind === 'keep') {
      this.#foreign += 1;
      const { notAfter } = evaluation;
      if (notAfter !== null && (this.#firstForeign === null || notAfter < this.#firstForeign.notAfter)) {
        this.#firstForeign = { vhost: website.vhost, notAfter };
      }
    }
  }

  result(): Survey {
    return {
      work: this.#work,
      soonDue: this.#soonDue,
      empty: this.#empty,
      counts: {
        accounts: this.#accounts.length,
        websites: this.#websites,
        kept: this.#websites - this.#work.length,
        foreign: this.#foreign,
      },
      accounts: this.#accounts,
      broken: this.#broken,
      skipped: this.#skipped,
      health: { oursCount: this.#oursCount, unhealthy: this.#unhealthy },
      firstForeignExpiry: this.#firstForeign,
    };
  }
}
