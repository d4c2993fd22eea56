import type { OrderRecord } from '../../core/order/record.js';
import type { CheckHost } from '../check/check-host.js';
import type { IssuedRecord } from '../ports/orders.js';

/** What is remembered of a certificate that an order got: this makes it ours. */
export function issuedRecordOf(
  order: OrderRecord,
  leaf: ReturnType<CheckHost['describeLeaf']>,
  issuedAt: Date,
): IssuedRecord {
  return {
    fingerprint: leaf.fingerprint,
    account: order.account,
    vhost: order.vhost,
    provider: order.provider,
    directoryUrl: order.directoryUrl,
    acmeAccountUrl: order.acmeAccountUrl,
    orderUrl: order.orderUrl,
    orderId: order.id,
    names: order.names,
    because: order.because,
    ariCertificateId: leaf.ariCertificateId,
    ...(order.insteadOf === undefined ? {} : { insteadOf: order.insteadOf }),
    ...(order.replaces === null ? {} : { replaces: order.replaces }),
    serial: leaf.serial,
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    issuedAt: issuedAt.toISOString(),
  };
}
