import { AutosslError } from '../../core/domain/autossl-error.js';
import { isServersOwn } from '../../core/domain/hostname-owner.js';
import { printable } from '../../core/domain/names.js';
import type { Website } from '../../core/domain/website.js';
import { isWaitAsked, pollLimitsOf } from '../../core/order/polling.js';
import type { OrderPhase, OrderRecord } from '../../core/order/record.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import { PROVIDERS } from '../../core/provider/registry.js';
import { hostnameOrderDropped } from '../../core/report/service-events.js';
import { orderPending, runFailed, websiteFailed } from '../../core/report/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { PairTaker } from '../install/issued-pair.js';
import { WebsiteLock } from '../install/website-lock.js';
import { concludeOrder } from '../order/conclude-order.js';
import { discardOrder } from '../order/drop-order.js';
import { resumeOrder } from '../order/obtain-certificate.js';
import { OrderDesk } from '../order/order-desk.js';
import type { OrderResult } from '../order/order-ports.js';
import type { OrderStore } from '../ports.js';

const AT_CA: ReadonlySet<OrderPhase> = new Set(['placed', 'finalized', 'downloaded']);

/** The orders of this server itself that are not over, oldest first. */
export async function hostnameOrders(orders: Pick<OrderStore, 'list'>): Promise<readonly OrderRecord[]> {
  return (await orders.list()).flatMap((entry) =>
    entry.state === 'ok' && isServersOwn(entry.record) ? [entry.record] : [],
  );
}

/** Of these, those after whose end only another may be made. */
export function unfinishedOrders(records: readonly OrderRecord[]): readonly OrderRecord[] {
  return records.filter(({ phase }) => AT_CA.has(phase));
}

export interface TakeUpOptions {
  /** Looks now, whatever the ladder says; the CA's own Retry-After is kept. */
  readonly isForced: boolean;
  readonly signal: AbortSignal;
}

/**
 * Goes on with an order of the server's own under the hostname's lock: what was issued is handed over with the lock, what
 * is not ready stays parked. Never throws for what concerns this order: it is said. `website`: the hostname as it is now.
 */
export async function takeUpOrder(
  record: OrderRecord,
  website: Website,
  host: CheckHost,
  taker: PairTaker,
  recorder: RunRecorder,
  options: TakeUpOptions,
): Promise<void> {
  const provider = PROVIDERS.find(({ name }) => name === record.provider);
  if (provider === undefined) {
    const message = `The order ${printable(record.id)} for the hostname names no valid provider.`;
    recorder.record(runFailed('ORDER_RECORD_BROKEN', message, null));
    return;
  }
  const lock = await host.locks.tryAcquire(`website:${website.vhost}`, 'checkallsslcerts (pending order)');
  if ('heldBy' in lock) {
    recorder.record(orderPending(website, null, `process ${lock.heldBy.pid} works on it`));
    return;
  }
  const websiteLock = new WebsiteLock(lock);
  const signal = AbortSignal.any([options.signal, lock.signal]);
  const desk = new OrderDesk(provider, host, recorder, signal);
  try {
    // Under the lock the record is read again: somebody else may have ended it meanwhile.
    const present = await host.orders.read(record.id);
    if (present === undefined) return;
    const stranger = strangenessOf(present, website, provider, host);
    if (stranger !== null) {
      await discardOrder(present, await desk.solver(), host);
      recorder.record(hostnameOrderDropped(present.vhost, stranger));
      return;
    }
    if (isTooEarly(present, provider, host.clock.now(), options.isForced)) {
      recorder.record(orderPending(website, present.pollAt === null ? null : new Date(present.pollAt)));
      return;
    }
    const result = await resume(present, website, provider, desk, host, signal);
    const desks = { orders: desk, installs: taker };
    await concludeOrder(website, result, [website.vhost], desks, host, recorder, websiteLock);
  } catch (error) {
    if (options.signal.aborted) return recorder.record(orderPending(website, null));
    if (!(error instanceof AutosslError)) throw error;
    recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice));
  } finally {
    await desk.close();
    await websiteLock.release();
  }
}

async function resume(
  record: OrderRecord,
  website: Website,
  provider: ProviderDescription,
  desk: OrderDesk,
  host: CheckHost,
  signal: AbortSignal,
): Promise<OrderResult> {
  if (record.phase === 'downloaded') {
    // All that is needed lies staged: the CA may be down, or gone.
    const { keyPem, chainPem } = await host.orders.readStaged(record.id);
    if (chainPem !== null) return { outcome: 'issued', record, keyPem, chainPem };
  }
  return await resumeOrder(
    record,
    { website, provider },
    await desk.resumePorts(AT_CA.has(record.phase), signal),
  );
}

/** Why the order is none of ours any more, as one clause; null: it is. */
function strangenessOf(
  record: OrderRecord,
  website: Website,
  provider: ProviderDescription,
  host: CheckHost,
): string | null {
  if (record.vhost !== website.vhost) return `this server is called “${website.vhost}” now`;
  const isOpen = record.phase !== 'downloaded' && AT_CA.has(record.phase);
  if (isOpen && record.directoryUrl !== host.directoryUrlOf(provider))
    return 'another directory was chosen since';
  return null;
}

function isTooEarly(
  record: OrderRecord,
  provider: ProviderDescription,
  now: Date,
  isForced: boolean,
): boolean {
  if (record.pollAt === null || Date.parse(record.pollAt) <= now.getTime()) return false;
  return !isForced || isWaitAsked(record, pollLimitsOf(provider));
}
