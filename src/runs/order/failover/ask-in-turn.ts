import type { WebsiteRef } from '../../../core/domain/website/website.js';
import type { OrderRecord } from '../../../core/order/record.js';
import { orderedElsewhere, returnedHome } from '../../../core/report/events/failover-events.js';
import { orderPending, websiteWaits } from '../../../core/report/events/work-events.js';
import type { RunRecorder } from '../../check/run-recorder.js';
import type { OrderDesk } from '../order-desk.js';
import type { Leaving, ProviderBench, Seeker } from './provider-bench.js';

/** What needs a certificate. */
export interface AskedFor extends Seeker {
  readonly website: WebsiteRef;
  /** Its orders that pend and are waited for no longer: another provider is asked beside them. */
  readonly pending: readonly OrderRecord[];
}

/** One provider's turn. */
export interface ProviderTurn {
  readonly desk: OrderDesk;
  /** Whether the next provider is to be asked instead of waiting for this; then nothing is said of it. */
  readonly mayLeave: (reason: Leaving) => Promise<boolean>;
  /** In whose stead it is asked; absent: its own turn. */
  readonly insteadOf?: string;
}

/**
 * Has each provider asked whose turn it is: first that of the certificate and, where that cannot be used, is limited for
 * longer than should be waited, or is forbidden by CAA, the next of the list. What fails validation stays where it is: another CA
 * would see the same. `ask` gives why another one is to be asked; null: none is.
 */
export async function askInTurn(
  asked: AskedFor,
  bench: ProviderBench,
  recorder: RunRecorder,
  ask: (turn: ProviderTurn) => Promise<Leaving | null>,
): Promise<void> {
  const { website, pending } = asked;
  const left = new Map<string, Leaving>();
  for (const { provider } of pending)
    left.set(provider, { code: 'ORDER_PENDING', message: 'an order pends there.', until: null });
  for (;;) {
    const { desk, home, why, wait } = await bench.turnOf(asked, left);
    const { name } = desk.provider;
    if (wait?.code === 'ORDER_PENDING') {
      const pollAt = pending.find(({ provider }) => provider === name)?.pollAt ?? null;
      return recorder.record(orderPending(website, pollAt === null ? null : new Date(pollAt)));
    }
    if (wait !== null && wait.code !== 'CAA_FORBIDS') {
      recorder.record(websiteWaits(website, wait.code, wait.message, wait.until));
      return;
    }
    if (why !== null) recorder.record(orderedElsewhere(website, home, name, why));
    // Nobody else takes it either: what is wrong here is told.
    const isLast = left.has(name);
    const mayLeave = (reason: Leaving): Promise<boolean> =>
      isLast ? Promise.resolve(false) : bench.mayLeave(desk, reason, asked);
    const leaving = await ask({ desk, mayLeave, ...(why === null ? {} : { insteadOf: home }) });
    if (leaving === null) {
      const former = why === null && bench.hasOthers ? await bench.stoodInFor(website, home) : null;
      if (former !== null) recorder.record(returnedHome(website, home, former));
      return;
    }
    left.set(name, leaving);
  }
}
