import { printable } from '../../domain/name/names.js';
import type { PlannedAction } from '../../plan/action.js';
import { summaryLine } from '../events/summary-events.js';
import type { Waiting } from '../status/waiting.js';
import { counted, listed, withAdvice } from '../text/wording.js';
import type { PendingWebsite, Problem, RunFault } from './tally.js';

/** What a run of autossl_check gives, as `--json` prints it. */
export interface CheckReport {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  readonly provider: string;
  /** The user checked, or `*`. */
  readonly user: string;
  /** Name of the log's folder. */
  readonly log: string;
  readonly counts: CheckCounts;
  readonly installed: readonly InstalledCertificate[];
  /** What failed on this side for the whole run. */
  readonly faults: readonly RunFault[];
  readonly problems: readonly Problem[];
  readonly pending: readonly PendingWebsite[];
  /** Websites that something is to be done for, later. */
  readonly waiting: readonly Waiting[];
}

export interface CheckCounts extends SurveyCounts {
  readonly installed: number;
  readonly pending: number;
  readonly waiting: number;
}

export interface SurveyCounts {
  readonly accounts: number;
  readonly websites: number;
  readonly kept: number;
  /** Certificates that AutoSSL did not issue and leaves alone. */
  readonly foreign: number;
}

export interface InstalledCertificate {
  readonly account: string;
  readonly vhost: string;
  readonly fingerprint: string;
  readonly notAfter: string;
  readonly names: readonly string[];
  /** The service of this server that it was given to; absent: a website. */
  readonly service?: string;
}

/** The plan, as `--dry-run --json` prints it and the records PLAN and PLANNED of a log hold it. */
export interface Plan {
  readonly schemaVersion: 1;
  readonly provider: string;
  readonly user: string;
  readonly counts: SurveyCounts;
  /** In the order of work; websites to keep are only counted. */
  readonly actions: readonly PlannedAction[];
}

/** What `--dry-run` gives. */
export interface Forecast {
  readonly plan: Plan;
  readonly exitCode: number;
  /** What was wrong already with what was read. */
  readonly problems: readonly Problem[];
}

/** Pending orders named one by one; a mail from cron has a reader. */
const MOST_PENDING_NAMED = 5;

/** For people: what needs somebody, what waits, then one summary line. */
export function renderReport(report: CheckReport): string {
  const lines = [
    ...report.faults.map(({ message }) => `FAULT  ${printable(message)}`),
    ...problemLines(report.problems),
    ...pendingLines(report.pending),
    ...waitingLines(report.waiting),
    summaryLine(report),
  ];
  return `${lines.join('\n')}\n`;
}

export function waitingLines(waiting: readonly Waiting[]): string[] {
  return waiting.map(
    ({ websites, until, message }) =>
      `waits  ${counted(websites, 'website')}${until === null ? '' : ` until ${until}`}: ${printable(message)}`,
  );
}

export function pendingLines(pending: readonly PendingWebsite[]): string[] {
  const lines = pending
    .slice(0, MOST_PENDING_NAMED)
    .map(({ account, vhost, pollAt, trouble }) =>
      printable(
        `pends  ${account}  ${vhost}${pollAt === null ? '' : `, looked at again from ${pollAt} on`}${trouble === null ? '' : `: ${trouble}`}`,
      ),
    );
  const more = pending.length - lines.length;
  return more > 0 ? [...lines, `pends  ${counted(more, 'more website', 'more websites')}`] : lines;
}

/** Messages about our own side hold their advice already. */
function advised(message: string, advice: string | null): string {
  return advice === null || message.includes(advice) ? message : withAdvice(message, advice);
}

/** For people: each action "if these names pass", then the counts. */
export function renderPlan({ plan, problems }: Forecast): string {
  const actions = plan.actions.flatMap((action) => [
    `${action.kind.padEnd(11)} ${action.vhost} (${action.account}): ${action.because.map(({ code }) => code).join(', ')}`,
    ...(action.names.length > 0 ? [`            if these names pass: ${listed(action.names, 100)}`] : []),
    ...action.leftOut.map(({ name, why }) => `            left out: ${printable(name)} (${why})`),
    ...(action.dueAt === null ? [] : [`            due ${action.dueAt}`]),
  ]);
  const lines = [...problemLines(problems), ...actions];
  lines.push(
    `${counted(plan.counts.websites, 'website')} of ${counted(plan.counts.accounts, 'user')}: ${counted(plan.actions.length, 'action')} planned, ${plan.counts.kept} kept.`,
  );
  return `${lines.join('\n')}\n`;
}

export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map(
    ({ fault, account, message, advice }) =>
      `${fault === 'ours' ? 'FAULT' : 'owner'}  ${printable(account)}  ${printable(advised(message, advice))}`,
  );
}
