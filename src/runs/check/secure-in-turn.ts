import { orderedElsewhere, returnedHome } from '../../core/report/events/failover-events.js';
import { orderPending, websiteWaits } from '../../core/report/events/work-events.js';
import type { PairTaker } from '../install/issued-pair.js';
import { pendingOrders } from '../order/pending-orders.js';
import type { Leaving, ProviderBench } from '../order/provider-bench.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';
import { secureWebsite, type WorkOptions } from './secure-website.js';
import type { WebsiteWork } from './survey-websites.js';

/**
 * Carries out the plan for one website at its own provider or, where that cannot be used, is limited for longer than the
 * website should wait, or is forbidden by CAA, at the next of the list. What fails validation stays where it is: another CA
 * would see the same. As `secureWebsite` besides.
 */
export async function secureInTurn(
  item: WebsiteWork,
  options: WorkOptions,
  bench: ProviderBench,
  installs: PairTaker,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<void> {
  const { website, action } = item;
  const isEmergency = action.because.some(({ code }) => code === 'EMERGENCY');
  const left = new Map<string, Leaving>();
  const pending = isEmergency && bench.hasOthers ? (await pendingOrders(host)).get(website.vhost) : undefined;
  if (pending !== undefined)
    left.set(pending.provider, { code: 'ORDER_PENDING', message: 'an order pends there.', until: null });
  for (;;) {
    const { desk, home, why, wait } = await bench.turnOf(action, isEmergency, left);
    const { name } = desk.provider;
    if (wait?.code === 'ORDER_PENDING') {
      const { pollAt = null } = pending ?? {};
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
      isLast ? Promise.resolve(false) : bench.mayLeave(desk, reason, action, isEmergency);
    const leaving = await secureWebsite(
      item,
      { ...options, mayLeave, ...(why === null ? {} : { insteadOf: home }) },
      { orders: desk, installs },
      host,
      recorder,
    );
    if (leaving === null) {
      const former = why === null && bench.hasOthers ? await bench.stoodInFor(website.vhost, home) : null;
      if (former !== null) recorder.record(returnedHome(website, home, former));
      return;
    }
    left.set(name, leaving);
  }
}
