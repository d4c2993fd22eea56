import { printable } from '../domain/name/names.js';
import { isUnfinished } from '../order/due-order.js';
import type { OrderPhase, OrderRecord } from '../order/record.js';
import { type InstalledCertificate, pendingLines, problemLines, waitingLines } from './check/check-report.js';
import { EXIT } from './check/exit-code.js';
import { installedIn } from './check/installed.js';
import {
  exitCodeFor,
  type PendingWebsite,
  type Problem,
  pendingOf,
  problemsOf,
  type RunFault,
  runFaultsOf,
} from './check/tally.js';
import type { RunEvent } from './events/event.js';
import { type Waiting, waitingOf } from './status/waiting.js';
import { counted } from './text/wording.js';

/** What one turn of autossl_check_queue gives, as `--json` prints it. Instants are ISO 8601 UTC. */
export interface QueueReport {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  /** Another poller is at work: nothing was done here. */
  readonly busy: boolean;
  /** Orders that were gone on with. */
  readonly polled: readonly PolledOrder[];
  /** Websites that were due and were judged again. */
  readonly judged: readonly WebsiteName[];
  readonly installed: readonly InstalledCertificate[];
  /** Orders that ended without a certificate. */
  readonly givenUp: readonly GivenUpOrder[];
  /** Every order that is unfinished now. */
  readonly pending: readonly QueuedOrder[];
  readonly waiting: readonly Waiting[];
  readonly faults: readonly RunFault[];
  readonly problems: readonly Problem[];
  /** When there is something to do next before the next run; null: nothing is foreseen. */
  readonly next: string | null;
}

export interface WebsiteName {
  readonly account: string;
  readonly vhost: string;
}

export interface PolledOrder extends WebsiteName {
  readonly orderId: string;
}

export interface GivenUpOrder extends PolledOrder {
  readonly code: string;
  readonly message: string;
}

export interface QueuedOrder extends PendingWebsite {
  readonly orderId: string;
  readonly phase: OrderPhase;
  readonly createdAt: string;
  readonly lastPolledAt: string | null;
}

/** What a turn did, and what is left. */
export interface QueueTurn {
  readonly polled: readonly PolledOrder[];
  readonly judged: readonly WebsiteName[];
  readonly events: readonly RunEvent[];
}

const NOTHING_DONE: QueueTurn = { polled: [], judged: [], events: [] };
/** `orders`: as the journal has them after the turn; `due`: instants at which something is due before the next run. */
export function queueReport(
  orders: readonly OrderRecord[],
  due: readonly string[],
  turn: QueueTurn = NOTHING_DONE,
  busy = false,
): QueueReport {
  const { events, polled, judged } = turn;
  const pending = orders.filter(isUnfinished);
  const troubles = new Map(pendingOf(events).map(({ vhost, trouble }) => [vhost, trouble]));
  const instants = [...pending.map(({ pollAt }) => pollAt), ...due];
  return {
    schemaVersion: 1,
    exitCode: busy ? EXIT.done : exitCodeFor(events),
    busy,
    polled,
    judged,
    installed: installedIn(events),
    givenUp: givenUpOf(turn, pending),
    pending: pending.map(({ id, account, vhost, phase, createdAt, pollAt, lastPolledAt }) => ({
      ...{ account, vhost, orderId: id, phase, createdAt, lastPolledAt, pollAt },
      trouble: troubles.get(vhost) ?? null,
    })),
    waiting: waitingOf(events),
    faults: runFaultsOf(events),
    problems: problemsOf(events),
    next: instants.filter((instant) => instant !== null).sort()[0] ?? null,
  };
}

/** Of a polled order that is neither there any more nor installed, the last that was said of its website. */
function givenUpOf({ polled, events }: QueueTurn, pending: readonly OrderRecord[]): GivenUpOrder[] {
  const left = new Set(pending.map(({ id }) => id));
  const websiteOf = ({ account, vhost }: WebsiteName): string => `${account} ${vhost}`;
  const installed = new Set(installedIn(events).map(websiteOf));
  return polled.flatMap(({ account, vhost, orderId }) => {
    if (left.has(orderId) || installed.has(websiteOf({ account, vhost }))) return [];
    const last = events.findLast((event) => event.vhost === vhost);
    return [
      {
        account,
        vhost,
        orderId,
        code: last?.code ?? 'ORDER_CLOSED',
        message: last?.contents ?? 'it is over',
      },
    ];
  });
}

/** For people; empty when nothing was done, unless they asked. */
export function renderQueueReport(report: QueueReport, isAsked: boolean): string {
  const { polled, judged, installed, pending, waiting, faults, problems, next, busy } = report;
  if (polled.length + judged.length === 0 && !isAsked) return '';
  if (busy) return 'Another autossl_check_queue is at work.\n';
  const done = [
    `${counted(polled.length, 'order')} looked at`,
    ...(judged.length > 0 ? [`${counted(judged.length, 'website')} judged again`] : []),
    ...(installed.length > 0 ? [`${counted(installed.length, 'certificate')} installed`] : []),
    `${counted(pending.length, 'order')} pending`,
  ];
  const lines = [
    ...faults.map(({ message }) => `FAULT  ${printable(message)}`),
    ...problemLines(problems),
    ...report.givenUp
      .filter(({ message }) => !problems.some((problem) => problem.message === message))
      .map(({ account, message }) => printable(`over   ${account}  ${message}`)),
    ...installed.map(({ account, vhost, service, notAfter }) =>
      printable(
        `new    ${account}  ${service === undefined ? '' : `${service}: `}${vhost} until ${notAfter}`,
      ),
    ),
    ...pendingLines(pending),
    ...waitingLines(waiting),
    `${done.join(', ')}${next === null ? '' : `; next at ${next}`}.`,
  ];
  return `${lines.join('\n')}\n`;
}
