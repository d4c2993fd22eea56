import { type AcmeProtocolCode, AutosslError } from '../../../core/domain/autossl-error.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import { judgeAccount } from '../../../core/order/limits/order-budget.js';
import { endsOf, lookAgainAt } from '../../../core/report/check/website-ends.js';
import { runFailed } from '../../../core/report/events/work-events.js';
import type { CheckHost } from '../../check/check-host.js';
import type { RunRecorder } from '../../check/run-recorder.js';
import { accountLimitsOf } from '../../order/account-limits.js';
import { hostnameOrders, unfinishedOrders } from '../hostname-orders.js';
import { HostnameWork } from '../hostname-work.js';
import type { ServicesHost } from '../services-host.js';
import { refOf, toReplace } from '../survey-services.js';

/** What waits without an instant being known (the CA is unreachable) is looked at again after this, in ms. */
const LOOK_AGAIN_MS = 60 * 60_000;

/** Our clock is off, or there is no room for an order. */
const STOPPED_BY: ReadonlySet<string> = new Set(['BRAKE', 'NO_SPACE']);

/** The CA could not be talked to. */
const SILENCES: ReadonlySet<string> = new Set<AcmeProtocolCode>(['UNREACHABLE', 'TIMED_OUT', 'BAD_ANSWER']);

/** Where the work on the hostname is told, and what ends it. */
export interface HostnameTurnContext {
  readonly recorder: RunRecorder;
  readonly signal: AbortSignal;
  /** Called once there is work, before anything is done or said. */
  begin(hostname: WebsiteRef): Promise<void>;
}

/** What a look at the server's own certificates came to. */
export interface HostnameTurn {
  /** Null: there was no work. */
  readonly worked: WebsiteRef | null;
  /** When it is looked at again: an instant, `next-turn`, or null = not before the next run of checkallsslcerts. */
  readonly again: Date | 'next-turn' | null;
}

const NOTHING: HostnameTurn = { worked: null, again: null };

/**
 * Renews the certificates of this server's services between two runs of checkallsslcerts: the certificate of another service
 * is reused, else one is ordered, and given to all that need it. No placeholders, no mail: that is that program's. Orders that
 * pend are gone on with by their own instants. @throws StateError
 */
export async function renewHostname(host: ServicesHost, context: HostnameTurnContext): Promise<HostnameTurn> {
  const { ordering } = host;
  const { noOrders, noReplacement } = await host.readTouchFiles();
  if (ordering === null || noOrders !== null || noReplacement !== null) return NOTHING;
  const lock = await host.locks.tryAcquire('run:services', 'autossl_check_queue');
  if ('heldBy' in lock) return { ...NOTHING, again: 'next-turn' };
  try {
    const { recorder } = context;
    const signal = AbortSignal.any([context.signal, lock.signal]);
    const { services } = await host.findServices();
    const work = new HostnameWork(services, host, recorder, signal);
    if (!work.verdict.isUsable || toReplace(await work.look()).length === 0) return NOTHING;
    const worked = refOf(work.hostname);
    if (await work.isWaiting(ordering)) return NOTHING;
    await context.begin(worked);
    await host.tidy();
    try {
      await work.reuse();
      await work.order(ordering);
    } catch (error) {
      if (!(error instanceof AutosslError) || !STOPPED_BY.has(error.code)) throw error;
      recorder.record(runFailed(error.code, error.message, error.advice));
      return { worked, again: error.code === 'BRAKE' ? null : inAWhile(host) };
    }
    if (context.signal.aborted) return { worked, again: 'next-turn' };
    const isDone = toReplace(await work.look()).length === 0;
    const isPending = unfinishedOrders(await hostnameOrders(host.orders)).length > 0;
    return { worked, again: isDone || isPending ? null : await whenAgain(worked, ordering, recorder) };
  } finally {
    await lock.release();
  }
}

/** What needs people is left to the nightly run, which mails. */
async function whenAgain(
  { vhost }: WebsiteRef,
  ordering: CheckHost,
  recorder: RunRecorder,
): Promise<Date | null> {
  const now = ordering.clock.now();
  const { ledger, provider } = ordering;
  const end = endsOf(recorder.notable).get(vhost);
  const toldAt = end === undefined ? null : lookAgainAt(end, null);
  if (toldAt !== null) return toldAt;
  const budget = judgeAccount(await ledger.read(provider.name), now, accountLimitsOf(provider, ordering));
  if (!budget.mayOrder) return budget.until;
  const isUnreachable = recorder.notable.some((one) => one.vhost === vhost && SILENCES.has(one.code));
  const isPassing = isUnreachable || (end !== undefined && end.waitsFor !== null);
  return isPassing ? inAWhile(ordering) : null;
}

function inAWhile({ clock }: Pick<ServicesHost, 'clock'>): Date {
  return new Date(clock.now().getTime() + LOOK_AGAIN_MS);
}
