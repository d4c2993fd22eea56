import type { PairTaker } from '../install/issued-pair.js';
import { askInTurn } from '../order/failover/ask-in-turn.js';
import type { ProviderBench } from '../order/failover/provider-bench.js';
import { pendingOrders } from '../order/pending-orders.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';
import { secureWebsite, type WorkOptions } from './secure-website.js';
import type { WebsiteWork } from './survey-websites.js';

/** Carries out the plan for one website at the provider whose turn it is. As `secureWebsite` besides. */
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
  const notAfter = action.notAfter === null ? null : new Date(action.notAfter);
  const urgency = { isNew: action.isNew, isEmergency, notAfter };
  const pending = isEmergency && bench.hasOthers ? (await pendingOrders(host)).get(website.vhost) : undefined;
  const asked = { website, urgency, pending: pending === undefined ? [] : [pending] };
  await askInTurn(asked, bench, recorder, ({ desk, ...turn }) =>
    secureWebsite(item, { ...options, ...turn }, { orders: desk, installs }, host, recorder),
  );
}
