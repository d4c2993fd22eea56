import { printable } from '../../domain/name/names.js';
import type { PlannedService, ServiceReason } from '../../plan/plan-services.js';
import type { ServedRecord } from '../../plan/served/served-record.js';
import type { PendingWebsite, RunFault } from '../check/tally.js';
import type { ServiceStandstill } from '../events/service-events.js';
import type { Waiting } from '../status/waiting.js';
import { counted, withAdvice } from '../text/wording.js';

/** What a run of checkallsslcerts did for one service. */
export type ServiceState =
  /** Nothing to do. */
  | 'kept'
  | 'replaced'
  /** Given the better certificate of another service. */
  | 'reused'
  /** Nobody could use what lay there, and no certificate was to be had yet. */
  | 'placeholder'
  /** To be replaced, and not yet. */
  | 'waiting'
  /** A new certificate was to be had, and what lay there lies there again. */
  | 'failed'
  /** Not on this server. */
  | 'absent';

/** One service, as it lies there at the end. */
export interface ServiceLine {
  readonly service: string;
  /** What stands behind the name; null when it is absent. */
  readonly daemon: string | null;
  readonly state: ServiceState;
  /** Why it was, or is to be, replaced; why it is absent. */
  readonly because: readonly ServiceReason[] | readonly { readonly code: string; readonly message: string }[];
  readonly notAfter: string | null;
  readonly fingerprint: string | null;
  readonly isSelfSigned: boolean;
  /** Whether that certificate answers at all ports of the service, as last seen; null: it was not asked for. */
  readonly served: ServedRecord['served']['state'] | null;
}

/** A finding about the hostname whose owner, the administrator, must act. */
export interface HostnameProblem {
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
}

/** What a run of checkallsslcerts gives, as `--json` prints it. */
export interface ServicesReport {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  /** Null: AutoSSL is disabled. */
  readonly provider: string | null;
  readonly hostname: string;
  /** Name of the log's folder. */
  readonly log: string;
  readonly services: readonly ServiceLine[];
  /** What is forbidden, with the sentence that names the touch file. */
  readonly standstills: readonly { readonly code: ServiceStandstill; readonly message: string }[];
  readonly pending: readonly PendingWebsite[];
  readonly waiting: readonly Waiting[];
  readonly faults: readonly RunFault[];
  readonly problems: readonly HostnameProblem[];
  /** Expiry and whatever else is worth a look. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** What was said of the job that looks again; null when none was wanted. */
  readonly retry: string | null;
}

/** What `--dry-run` gives. */
export interface ServicesForecast {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  readonly provider: string | null;
  readonly hostname: string;
  readonly standstills: ServicesReport['standstills'];
  readonly services: readonly PlannedService[];
  readonly absent: readonly { readonly service: string; readonly why: string }[];
  /** Names that a certificate would be ordered for, if they pass validation. */
  readonly orders: readonly string[];
  readonly pending: readonly PendingWebsite[];
  readonly warnings: ServicesReport['warnings'];
}

const WIDTH = 8;

/** For people: each service, what needs somebody, what waits, then one summary line. */
export function renderServicesReport(report: ServicesReport): string {
  const warned = new Set(report.warnings.map(({ message }) => message));
  const lines = [
    ...report.services.map(serviceLine),
    ...report.standstills.map(({ message }) => printable(message)),
    ...report.faults.map(({ message }) => `FAULT  ${printable(message)}`),
    ...report.problems.map(
      ({ message, advice }) =>
        `admin  ${printable(advice === null || message.includes(advice) ? message : withAdvice(message, advice))}`,
    ),
    ...report.warnings.map(({ message }) => `warns  ${printable(message)}`),
    ...report.pending.map(pendingLine),
    ...report.waiting.map(
      ({ until, message }) => `waits  ${until === null ? '' : `until ${until}: `}${printable(message)}`,
    ),
    ...(report.retry === null || warned.has(report.retry) ? [] : [printable(report.retry)]),
    servicesSummary(report),
  ];
  return `${lines.join('\n')}\n`;
}

function serviceLine({ service, daemon, state, because, notAfter, isSelfSigned }: ServiceLine): string {
  const codes = because.map(({ code }) => code).join(', ');
  if (state === 'absent')
    return printable(`${service.padEnd(WIDTH)} ${state.padEnd(11)} ${because[0]?.message ?? ''}`);
  const why = state === 'kept' ? '' : ` (${codes})`;
  const what = notAfter === null ? 'no certificate' : `until ${notAfter}`;
  const own = isSelfSigned ? ', self-signed' : '';
  return printable(
    `${service.padEnd(WIDTH)} ${state.padEnd(11)} ${what}${own}${why}${daemon === null ? '' : `  ${daemon}`}`,
  );
}

function pendingLine({ vhost, pollAt, trouble }: PendingWebsite): string {
  const again = pollAt === null ? '' : `, looked at again from ${pollAt} on`;
  return printable(`pends  ${vhost}${again}${trouble === null ? '' : `: ${trouble}`}`);
}

/** One sentence that stands for the run on a terminal and in a mail from cron. */
export function servicesSummary(
  report: Pick<ServicesReport, 'services' | 'pending' | 'faults' | 'problems'>,
): string {
  const count = (...states: readonly ServiceState[]): number =>
    report.services.filter(({ state }) => states.includes(state)).length;
  const present = report.services.length - count('absent');
  const done = [
    count('replaced', 'reused') > 0
      ? `${counted(count('replaced', 'reused'), 'certificate')} installed`
      : null,
    count('placeholder') > 0 ? `${counted(count('placeholder'), 'placeholder')} installed` : null,
    report.pending.length > 0 ? `${counted(report.pending.length, 'order')} pending` : null,
    count('waiting') > 0 ? `${counted(count('waiting'), 'service')} waiting` : null,
    report.faults.length > 0 ? `${counted(report.faults.length, 'fault')} on this side` : null,
    report.problems.length > 0 ? `${counted(report.problems.length, 'finding')} for the administrator` : null,
  ].filter((part) => part !== null);
  return `${counted(present, 'service')} checked: ${done.length > 0 ? done.join(', ') : 'nothing to do'}.`;
}

/** For people: what would be done. */
export function renderServicesForecast(forecast: ServicesForecast): string {
  const lines = [
    ...forecast.services.flatMap(({ service, kind, because, remarks, dueAt }) => [
      `${service.padEnd(WIDTH)} ${kind.padEnd(11)} ${because.map(({ code }) => code).join(', ')}`,
      ...remarks.map(({ message }) => `${' '.repeat(WIDTH + 1)}${message} It is left as it is.`),
      ...(kind === 'keep' && dueAt !== null ? [`${' '.repeat(WIDTH + 1)}due ${dueAt}`] : []),
    ]),
    ...forecast.absent.map(({ service, why }) => `${service.padEnd(WIDTH)} ${'absent'.padEnd(11)} ${why}`),
    ...forecast.standstills.map(({ message }) => message),
    ...forecast.warnings.map(({ message }) => `warns  ${message}`),
    ...forecast.pending.map(pendingLine),
    forecast.orders.length > 0
      ? `A certificate would be ordered, if these names pass: ${forecast.orders.join(', ')}`
      : 'No certificate would be ordered.',
  ];
  return `${lines.map(printable).join('\n')}\n`;
}
