import { DELIVERY_FAILED } from '../../core/notice/delivery/delivery-summary.js';
import { plainMessage } from '../../core/notice/delivery/plain-message.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';
import type { Notifier } from '../ports/notices.js';
import { deliverAfterRun } from './deliver-after-run.js';
import type { DeliveryHost } from './deliver-messages.js';

type Told = Awaited<ReturnType<Notifier['tell']>>;

/** Tells the administrator through the outbox: what cannot be delivered at once is tried again by the poller. */
export class OutboxNotifier implements Notifier {
  readonly #to: string;
  readonly #host: DeliveryHost;

  constructor(to: string, host: DeliveryHost) {
    this.#to = to;
    this.#host = host;
  }

  async tell(told: { readonly subject: string; readonly lines: readonly string[] }): Promise<Told> {
    const { queue, channels, clock } = this.#host;
    if (channels.length === 0) return { ok: true };
    const message = plainMessage('services', this.#to, told, clock.now());
    const { refused } = await queue.add([message]);
    if (refused.length > 0) return this.#tellAtOnce(message);
    const [event] = await deliverAfterRun(this.#host);
    if (event?.code === DELIVERY_FAILED) return this.#tellAtOnce(message);
    return event === undefined
      ? { ok: true }
      : { ok: false, why: uncapitalized(event.contents), isQueued: true };
  }

  /** Where nothing can be written down, which is what has to be told. */
  async #tellAtOnce(message: OutgoingMessage): Promise<Told> {
    const { signal } = new AbortController();
    const faults: string[] = [];
    for (const channel of this.#host.channels) {
      if (!channel.audiences.includes(message.audience)) continue;
      const answer = await channel.deliver(message, signal);
      if (answer.outcome === 'refused') faults.push(`${channel.label}: ${answer.why}`);
      await channel.close();
    }
    return faults.length === 0 ? { ok: true } : { ok: false, why: faults.join('; '), isQueued: false };
  }
}

/** To stand after a colon. */
function uncapitalized(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
