import {
  installFailed,
  installWaits,
  namesWithoutSite,
  publishedNotServed,
} from '../../core/report/install-events.js';
import { certificateInstalled } from '../../core/report/work-events.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderStore } from '../ports.js';
import type { HeldCode, InstallOutcome, RestoreCode, ServedProof } from './install-ports.js';
import type { OrderedPair } from './ordered-pair.js';

/** A whole server's trouble: told once, by the transaction. */
const SERVERS_TROUBLE: ReadonlySet<HeldCode | RestoreCode> = new Set([
  'CONFIG_BROKEN_BEFORE',
  'RELOAD_FAILED',
  'SERVER_DIED',
]);

/**
 * Says what became of a pair and closes its order, unless the pair could not be installed: then the order stays
 * `downloaded`, and the next run tries again without a new one. @throws StateError
 */
export async function concludeInstall(
  { member, order }: OrderedPair,
  outcome: InstallOutcome,
  orders: OrderStore,
  recorder: RunRecorder,
): Promise<void> {
  const { website, leaf } = member;
  if (outcome.state === 'held' || outcome.state === 'restored') {
    if (outcome.code === 'SERVER_DIED_OF_IT') await orders.update({ ...order, diedOf: leaf.fingerprint });
    recorder.record(
      SERVERS_TROUBLE.has(outcome.code)
        ? installWaits(website)
        : installFailed(website, outcome.code, outcome.why, outcome.advice),
    );
    return;
  }
  await orders.update({ ...order, phase: 'published', challenges: [] });
  await orders.remove(order.id);
  recorder.record(
    certificateInstalled(website, {
      fingerprint: leaf.fingerprint,
      notAfter: leaf.notAfter,
      names: leaf.dnsNames,
      orderId: order.id,
      served: outcome.state === 'published' ? null : outcome.state === 'served',
    }),
  );
  if (outcome.proof !== null) sayProof(website, outcome.proof, recorder);
}

function sayProof(
  website: OrderedPair['member']['website'],
  proof: ServedProof,
  recorder: RunRecorder,
): void {
  if (!proof.verdict.served) recorder.record(publishedNotServed(website, proof.verdict));
  else if (proof.namesWithoutSite.length > 0)
    recorder.record(namesWithoutSite(website, proof.namesWithoutSite));
}
