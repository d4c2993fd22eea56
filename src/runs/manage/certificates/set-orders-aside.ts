import { StateError } from '../../../core/domain/autossl-error.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import { orderSetAside } from '../../../core/report/websites/certificate-events.js';
import type { RunRecorder } from '../../check/run-recorder.js';
import { issuedRecordOf } from '../../order/issued-record.js';
import { pendingOrders } from '../../order/pending-orders.js';
import type { WebsiteCertificatesHost } from './website-certificates-host.js';

/**
 * Drops the unfinished order of a website that was given somebody's certificate, under the website's lock: what the order
 * brings would take that one's place. What was issued already is recorded as ours and not installed; what is left of its
 * challenges is swept by the next run. @throws StateError
 */
export async function setOrderAside(
  website: WebsiteRef,
  host: Pick<WebsiteCertificatesHost, 'orders' | 'issued' | 'clock' | 'describeLeaf'>,
  recorder: Pick<RunRecorder, 'record'>,
): Promise<void> {
  const order = (await pendingOrders(host)).get(website.vhost);
  if (order === undefined) return;
  const chainPem = order.phase === 'downloaded' ? await stagedChain(order.id, host) : null;
  if (chainPem !== null) {
    await host.issued.add(issuedRecordOf(order, host.describeLeaf(chainPem), host.clock.now()));
  }
  await host.orders.remove(order.id);
  recorder.record(orderSetAside(website, order.id, chainPem !== null));
}

/** Null also when what was staged is damaged: nobody needs it any more. */
async function stagedChain(
  id: string,
  { orders }: Pick<WebsiteCertificatesHost, 'orders'>,
): Promise<string | null> {
  try {
    return (await orders.readStaged(id)).chainPem;
  } catch (error) {
    if (error instanceof StateError) return null;
    throw error;
  }
}
