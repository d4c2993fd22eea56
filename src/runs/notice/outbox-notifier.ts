import { plainMessage } from '../../core/notice/delivery/plain-message.js';
import type { Notifier } from '../ports.js';
import { deliverAfterRun } from './deliver-after-run.js';
import type { DeliveryHost } from './deliver-messages.js';

/** Tells the administrator through the outbox: what cannot be delivered at once is tried again by the poller. */
export class OutboxNotifier implements Notifier {
  readonly #to: string;
  readonly #host: DeliveryHost;

  constructor(to: string, host: DeliveryHost) {
    this.#to = to;
    this.#host = host;
  }

  async tell(message: {
    readonly subject: string;
    readonly lines: readonly string[];
  }): ReturnType<Notifier['tell']> {
    const { queue, channels, clock } = this.#host;
    if (channels.length === 0) return { ok: true };
    const { refused } = await queue.add([plainMessage('services', this.#to, message, clock.now())]);
    const [first] = refused;
    if (first !== undefined) return { ok: false, why: first.why, isQueued: false };
    const [event] = await deliverAfterRun(this.#host);
    if (event === undefined) return { ok: true };
    return { ok: false, why: uncapitalized(event.contents), isQueued: true };
  }
}

/** To stand after a colon. */
function uncapitalized(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
