import { StateError } from '../../core/domain/autossl-error.js';
import { installRetryAt } from '../../core/order/polling.js';
import type { OrderRecord } from '../../core/order/record.js';
import {
  installFailed,
  installWaits,
  namesWithoutSite,
  publishedNotServed,
} from '../../core/report/events/install-events.js';
import { certificateInstalled } from '../../core/report/events/work-events.js';
import type { RunRecorder } from '../check/run-recorder.js';
import { fencedOrders } from '../order/fenced-orders.js';
import type { OrderStore } from '../ports/orders.js';
import type { HeldCode, InstallOutcome, RestoreCode, ServedProof } from './install-ports.js';
import type { OrderedPair } from './ordered-pair.js';

/** A whole server's trouble: told once, by the transaction. */
const SERVERS_TROUBLE: ReadonlySet<HeldCode | RestoreCode> = new Set([
  'CONFIG_BROKEN_BEFORE',
  'RELOAD_FAILED',
  'SERVER_DIED',
]);

/** What may be over in a few minutes, and costs nothing to try: the servers are only tested. */
const SERVER_STATE: ReadonlySet<HeldCode> = new Set(['CONFIG_BROKEN_BEFORE', 'PUBLISH_FAILED']);

/**
 * Says what became of a pair and closes its order, unless the pair could not be installed: then the order stays
 * `downloaded`, and the next run tries again without a new one. @throws StateError
 */
export async function concludeInstall(
  { member, order }: OrderedPair,
  outcome: InstallOutcome,
  orders: OrderStore,
  recorder: RunRecorder,
  now: Date,
): Promise<void> {
  const { website, leaf } = member;
  const journal = fencedOrders(orders, member.lock);
  if (outcome.state === 'held' || outcome.state === 'restored') {
    if (outcome.code === 'SERVER_DIED_OF_IT')
      await unlessLost(() => journal.update({ ...order, diedOf: leaf.fingerprint }));
    else await noteRetry(order, outcome, journal, now);
    recorder.record(
      SERVERS_TROUBLE.has(outcome.code)
        ? installWaits(website)
        : installFailed(website, outcome.code, outcome.why, outcome.advice),
    );
    return;
  }
  await unlessLost(async () => {
    await journal.update({ ...order, phase: 'published', challenges: [] });
    await journal.remove(order.id);
  });
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

/** Whoever has the website's lock now finds what lies in place, and closes the order. */
async function unlessLost(task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!(error instanceof StateError) || error.code !== 'LOCK_LOST') throw error;
  }
}

/** For the poller; a disk that cannot take the note only makes it come sooner. */
async function noteRetry(
  order: OrderRecord,
  { state, code }: Extract<InstallOutcome, { state: 'held' | 'restored' }>,
  orders: OrderStore,
  now: Date,
): Promise<void> {
  // Whoever has the website's lock now decides about the order.
  if (code === 'LOCK_LOST') return;
  const pollAt = installRetryAt(
    new Date(order.createdAt),
    state === 'restored' || !SERVER_STATE.has(code),
    now,
  );
  try {
    await orders.update({ ...order, pollAt: pollAt.toISOString() });
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
  }
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
