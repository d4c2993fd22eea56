import { type OrderStep, type OrderView, park, waitWithinPatience } from './order-step.js';
import { LONGEST_ORDER_LIFE_MS } from './polling.js';
import type { AcmeOrder } from './resources.js';
import { stepOfInvalidOrder, stepOfPendingOrder } from './validation-step.js';

/**
 * Reads of a CA may lag behind what it just took (a replica): only an order that is still `ready` this long after its
 * CSR was sent is sent it again. In ms; large CAs' replicas lag well under a second.
 */
const REPLICA_LAG_MS = 3_000;
/** A CA that keeps answering `orderNotReady` to a `ready` order is given time, not more requests. */
const MOST_FINALIZE_ATTEMPTS = 3;

/**
 * The one next thing to do for an order (RFC 8555 section 7.1.6). Pure: the caller does it, updates the view, asks again.
 * Promises: nothing is placed twice; nothing is finalized unless the CA says `ready`; after the CA took the CSR it is
 * never sent again; every wait lies within the provider's clamp; what outlasts patience is parked.
 */
export function nextOrderStep(view: OrderView, now: Date): OrderStep {
  if (view.phase === 'downloaded' || view.phase === 'published') return { do: 'done' };
  const { order } = view;
  if (order === null) return view.hasOrderUrl ? { do: 'read-order' } : { do: 'place' };
  if (order.status === 'valid' && order.certificate !== null)
    return { do: 'download', url: order.certificate };
  if (isExpired(view, order, now)) return { do: 'expired' };
  switch (order.status) {
    case 'pending':
      return stepOfPendingOrder(view, order, now);
    case 'invalid':
      return stepOfInvalidOrder(view, order, now);
    case 'ready':
      return stepOfReadyOrder(view, now);
    case 'processing':
    case 'valid':
      return waitForOrder(view, now);
  }
}

function stepOfReadyOrder(view: OrderView, now: Date): OrderStep {
  if (view.finalize === 'not-sent') return { do: 'finalize' };
  if (view.finalize === 'accepted' || view.finalizeAttempts >= MOST_FINALIZE_ATTEMPTS)
    return waitForOrder(view, now);
  const isSettled = now.getTime() >= view.steppedForwardAt.getTime() + REPLICA_LAG_MS;
  if (isSettled && view.polls > 0) return { do: 'finalize' };
  const wait = waitWithinPatience(view, now, { do: 'read-order' });
  if (wait !== null) return wait;
  // Sent by an earlier process, minutes ago or more: this one read is enough. Sent by this one: leave it to a later one.
  return view.finalizeAttempts === 0 ? { do: 'finalize' } : park(view, now);
}

function waitForOrder(view: OrderView, now: Date): OrderStep {
  return waitWithinPatience(view, now, { do: 'read-order' }) ?? park(view, now);
}

/**
 * A CA may still issue what it is processing: such an order is kept for a week whatever `expires` says. By a clock that may be days
 * ahead none has expired: the CA says so itself, in time.
 */
function isExpired(view: OrderView, order: AcmeOrder, now: Date): boolean {
  if (order.status === 'invalid' || !view.isClockVouched) return false;
  const oldest = view.createdAt.getTime() + LONGEST_ORDER_LIFE_MS;
  const expires = order.expiresAt?.getTime() ?? oldest;
  const isOurTurn = order.status === 'pending' || order.status === 'ready';
  return now.getTime() >= (isOurTurn ? expires : Math.max(expires, oldest));
}
