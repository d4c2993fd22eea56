import type { WebsiteRef } from '../../core/domain/website.js';
import type { OrderRecord } from '../../core/order/record.js';
import { certificateInstalled } from '../../core/report/work-events.js';
import { issuedRecordOf } from '../order/issued-record.js';
import type { HeldLock } from '../ports.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';

/**
 * Puts an issued certificate in place and closes its order. Each step may be repeated after a crash: record what was
 * issued (so that it is ours whatever follows), publish (just before, that a reload is owed), say so in the journal, remove the order.
 * @throws InstallError, StateError
 */
export async function publishCertificate(
  website: WebsiteRef,
  issued: { readonly record: OrderRecord; readonly keyPem: string; readonly chainPem: string },
  host: CheckHost,
  recorder: RunRecorder,
  lock: HeldLock,
): Promise<void> {
  const { record, keyPem, chainPem } = issued;
  const leaf = host.describeLeaf(chainPem);
  await host.issued.add(issuedRecordOf(record, leaf, host.clock.now()));
  await host.certificates.publish({ website, keyPem, chainPem }, async () => {
    await host.installer.oweReload();
    await lock.assertHeld();
  });
  await host.orders.update({ ...record, phase: 'published', challenges: [] });
  await host.orders.remove(record.id);
  recorder.record(
    certificateInstalled(website, {
      fingerprint: leaf.fingerprint,
      notAfter: leaf.notAfter,
      names: leaf.dnsNames,
      orderId: record.id,
    }),
  );
}
