import { judgeIssued } from '../../core/certificate/issued/issued-fitness.js';
import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import { nextRungAt } from '../../core/order/polling.js';
import type { OrderRecord } from '../../core/order/record.js';
import { installFailed } from '../../core/report/events/install-events.js';
import { orderPending } from '../../core/report/events/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import { issuedRecordOf } from '../order/issued-record.js';
import { noteIssued } from '../renewal/noted-certificates.js';
import type { RenewalHost } from '../renewal/renewal-host.js';
import type { OrderedPair } from './ordered-pair.js';
import type { WebsiteLock } from './website-lock.js';

/** Takes issued pairs over, and the locks of their websites with them. */
export interface PairTaker {
  hand(pair: OrderedPair): void;
}

/**
 * Records what was issued, so that it is ours whatever follows, and hands the pair with its website's lock to the desk. What
 * is not fit to be put in place is recorded nowhere and fetched again; what has expired since it was ordered is dropped.
 * `wanted`: the website's names; null when it is not known any more. @throws StateError
 */
export async function handIssuedPair(
  website: WebsiteRef,
  issued: { readonly record: OrderRecord; readonly keyPem: string; readonly chainPem: string },
  wanted: readonly string[] | null,
  installs: PairTaker,
  host: Pick<CheckHost, 'issued' | 'orders' | 'describeLeaf'> & RenewalHost,
  recorder: RunRecorder,
  lock: WebsiteLock,
): Promise<void> {
  const { record: order, keyPem, chainPem } = issued;
  const now = host.clock.now();
  const fitness = judgeIssued({ ...order, keyPem, chainPem, orderedAt: new Date(order.createdAt) }, now);
  // Keys are compared before anything is staged: another one was put there since, which the installation tells people.
  const isMixedUp = !fitness.isFit && fitness.unfit.code === 'WRONG_KEY';
  if (!fitness.isFit && !fitness.unfit.isTooLate && !isMixedUp) {
    // Staged by an earlier version, or spoilt since: the CA still has it.
    const pollAt = nextRungAt(new Date(order.createdAt), now);
    await lock.held.assertHeld();
    await host.orders.update({ ...order, phase: 'finalized', pollAt: pollAt.toISOString() });
    recorder.record(
      orderPending(website, pollAt, `its certificate ${fitness.unfit.words}; it is fetched again`),
    );
    return;
  }
  const leaf = host.describeLeaf(chainPem);
  const issuedRecord = issuedRecordOf(order, leaf, now);
  await lock.held.assertHeld();
  await host.issued.add(issuedRecord);
  await noteIssued(issuedRecord, host);
  if (leaf.notAfter <= now) {
    await host.orders.remove(order.id);
    const by = isServersOwn(website) ? 'checkallsslcerts' : 'autossl_check';
    const advice = `It is dropped; ${by} orders another one.`;
    recorder.record(installFailed(website, 'EXPIRED_WHILE_STAGED', TOO_LATE, advice));
    return;
  }
  if (order.diedOf === leaf.fingerprint) {
    recorder.record(installFailed(website, 'SERVER_DIED_OF_IT', DIED_OF_IT.why, DIED_OF_IT.advice));
    return;
  }
  const { vhost, account } = website;
  const member = { website: { vhost, account }, keyPem, chainPem, leaf, wanted: wanted ?? order.names };
  installs.hand({ order, member: { ...member, lock: lock.hand() } });
}

const TOO_LATE = 'its new certificate expired before it could be installed';

const DIED_OF_IT = {
  why: 'the web server died of its new certificate in an earlier run, so it is not tried again',
  advice: 'Replace what is staged for it, or remove its order under orders/ to have it ordered anew.',
} as const;
