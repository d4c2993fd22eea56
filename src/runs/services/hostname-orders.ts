import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { isUnfinished } from '../../core/order/due-order.js';
import { isPollInstantDue, isWaitAsked, pollLimitsOf } from '../../core/order/polling.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import { hostnameOrderDropped } from '../../core/report/events/service-events.js';
import { orderPending, runFailed, websiteFailed } from '../../core/report/events/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { PairTaker } from '../install/issued-pair.js';
import { WebsiteLock } from '../install/website-lock.js';
import { concludeOrder } from '../order/conclude-order.js';
import { discardOrder } from '../order/drop-order.js';
import { isForLostKey } from '../order/lost-key.js';
import { resumeOrder } from '../order/obtain-certificate.js';
import { OrderDesk } from '../order/order-desk.js';
import type { OrderResult } from '../order/order-ports.js';
import { STRANGENESS, strangenessOf } from '../order/order-strangeness.js';
import type { HeldLock } from '../ports/locks.js';
import type { OrderStore } from '../ports/orders.js';

/** The orders of this server itself that are not over, oldest first. */
export async function hostnameOrders(orders: Pick<OrderStore, 'list'>): Promise<readonly OrderRecord[]> {
  return (await orders.list()).flatMap((entry) =>
    entry.state === 'ok' && isServersOwn(entry.record) ? [entry.record] : [],
  );
}

/** Of these, those after whose end only another may be made. */
export function unfinishedOrders(records: readonly OrderRecord[]): readonly OrderRecord[] {
  return records.filter(isUnfinished);
}

/** What going on with the server's own orders needs. */
export interface TakeUpContext {
  /** The hostname as it is now. */
  readonly website: Website;
  readonly host: CheckHost;
  /** Of what was issued, with the hostname's lock. */
  readonly taker: PairTaker;
  readonly recorder: RunRecorder;
  readonly signal: AbortSignal;
}

/**
 * Goes on with an order under the hostname's lock, unless another process works on it; whatever the ladder says, but not
 * before an instant that the CA asked for. Never throws for what concerns this order.
 */
export async function takeUpOrder(record: OrderRecord, context: TakeUpContext): Promise<void> {
  const { website, host, recorder } = context;
  const lock = await host.locks.tryAcquire(`website:${record.vhost}`, 'checkallsslcerts (pending order)');
  if ('heldBy' in lock) {
    recorder.record(orderPending(website, null, `process ${lock.heldBy.pid} works on it`));
    return;
  }
  const websiteLock = new WebsiteLock(lock);
  try {
    // Under the lock the record is read again: somebody else may have ended it meanwhile.
    const present = await host.orders.read(record.id);
    if (present === undefined) return;
    if (isAskedToWait(present, host.providerNamed(present.provider), host.clock.now())) {
      recorder.record(orderPending(website, present.pollAt === null ? null : new Date(present.pollAt)));
      return;
    }
    await goOnWithOrder(present, websiteLock, context);
  } finally {
    await websiteLock.release();
  }
}

/**
 * Goes on with an order that was read under its lock: what was issued is handed over with the lock, what is not ready
 * stays parked, what is none of ours any more is dropped. Never throws for what concerns this order: it is said.
 */
export async function goOnWithOrder(
  record: OrderRecord,
  lock: WebsiteLock,
  { website, host, taker, recorder, signal: stop }: TakeUpContext,
): Promise<void> {
  const provider = host.providerNamed(record.provider);
  if (provider === undefined) {
    const message = `The order ${printable(record.id)} for the hostname names no valid provider.`;
    recorder.record(runFailed('ORDER_RECORD_BROKEN', message, null));
    return;
  }
  const signal = AbortSignal.any([stop, lock.held.signal]);
  const desk = new OrderDesk(provider, host, recorder, signal);
  try {
    const stranger = await whyDropped(record, website, provider, host);
    if (stranger !== null) {
      await lock.held.assertHeld();
      await discardOrder(record, await desk.solvers(), host);
      recorder.record(hostnameOrderDropped(record.vhost, stranger));
      return;
    }
    const result = await resume(record, website, provider, desk, host, lock.held, signal);
    const desks = { orders: desk, installs: taker };
    await concludeOrder(website, result, [website.vhost], desks, host, recorder, lock);
  } catch (error) {
    if (stop.aborted) return recorder.record(orderPending(website, null));
    if (!(error instanceof AutosslError)) throw error;
    recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice));
  } finally {
    await desk.close();
  }
}

async function resume(
  record: OrderRecord,
  website: Website,
  provider: ProviderDescription,
  desk: OrderDesk,
  host: CheckHost,
  lock: HeldLock,
  signal: AbortSignal,
): Promise<OrderResult> {
  if (record.phase === 'downloaded') {
    // All that is needed lies staged: the CA may be down, or gone.
    const { keyPem, chainPem } = await host.orders.readStaged(record.id);
    if (chainPem !== null) return { outcome: 'issued', record, keyPem, chainPem };
  }
  const ports = await desk.resumePorts(isUnfinished(record), lock, signal);
  return await resumeOrder(record, { website, provider }, ports);
}

/** Why the order is none of ours any more, as one clause; null: it is. */
async function whyDropped(
  record: OrderRecord,
  website: Website,
  provider: ProviderDescription,
  host: CheckHost,
): Promise<string | null> {
  if (record.vhost !== website.vhost) return `this server is called “${website.vhost}” now`;
  if (await isForLostKey(record, host))
    return 'an issuer holds that somebody else has the key that it is for';
  const isOpen = record.phase !== 'downloaded' && isUnfinished(record);
  const stranger = isOpen ? await strangenessOf(record, provider, host) : null;
  return stranger === null ? null : STRANGENESS[stranger];
}

function isAskedToWait(record: OrderRecord, provider: ProviderDescription | undefined, now: Date): boolean {
  if (provider === undefined || record.phase === 'downloaded' || record.pollAt === null) return false;
  return !isPollInstantDue(record.pollAt, now) && isWaitAsked(record, pollLimitsOf(provider));
}
