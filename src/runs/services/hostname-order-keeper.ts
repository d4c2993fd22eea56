import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import type { OrderRecord } from '../../core/order/record.js';
import { orderPending } from '../../core/report/events/work-events.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { WebsiteLock } from '../install/website-lock.js';
import type { OrderKeeper } from '../order/order-keeper.js';
import { HostnameWork } from './hostname-work.js';
import type { ServicesHost } from './services-host.js';
import { refOf } from './survey-services.js';

/**
 * Goes on with the server's own orders between two runs of checkallsslcerts, and gives what was issued to every service
 * that needs it. While a touch file, the disabled provider or the hostname forbids it, they are left as they are.
 */
export class HostnameOrderKeeper implements OrderKeeper {
  readonly #open: () => Promise<ServicesHost>;
  readonly #recorder: RunRecorder;
  readonly #signal: AbortSignal;

  /** `open`: asked only when there is an order to go on with. */
  constructor(open: () => Promise<ServicesHost>, recorder: RunRecorder, signal: AbortSignal) {
    this.#open = open;
    this.#recorder = recorder;
    this.#signal = signal;
  }

  owns(record: OrderRecord): boolean {
    return isServersOwn(record);
  }

  lockNameOf({ vhost }: OrderRecord): string {
    return `website:${vhost}`;
  }

  async goOn(record: OrderRecord, lock: WebsiteLock): Promise<void> {
    const host = await this.#open();
    const { ordering } = host;
    const { noOrders, noReplacement } = await host.readTouchFiles();
    const { services } = await host.findServices();
    const work = new HostnameWork(services, host, this.#recorder, this.#signal);
    if (ordering === null || noOrders !== null || noReplacement !== null || !work.verdict.isUsable) {
      this.#recorder.record(orderPending(refOf(work.hostname), null, 'it is switched off'));
      return;
    }
    await work.goOnWith(record, lock, ordering);
  }
}
