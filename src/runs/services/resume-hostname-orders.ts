import type { RunRecorder } from '../check/run-recorder.js';
import { hostnameOrders, type TakeUpOptions } from './hostname-orders.js';
import { HostnameWork } from './hostname-work.js';
import type { ServicesHost } from './services-host.js';

/**
 * What the poller of pending orders does for the server's own: goes on with each that is due, under the hostname's lock,
 * and gives what was issued to every service that needs it. Nothing while a touch file, or the disabled provider, forbids
 * it. `isForced`: whatever the ladder says. @throws StateError when our records cannot be read
 */
export async function resumeHostnameOrders(
  host: ServicesHost,
  recorder: RunRecorder,
  { isForced, signal }: TakeUpOptions,
): Promise<void> {
  const { ordering } = host;
  if (ordering === null || (await hostnameOrders(host.orders)).length === 0) return;
  const { noOrders, noReplacement } = await host.readTouchFiles();
  if (noOrders !== null || noReplacement !== null) return;
  const { services } = await host.findServices();
  const work = new HostnameWork(services, host, recorder, signal);
  if (work.verdict.isUsable) await work.takeUpOrders(ordering, isForced);
}
