import type { DeliveryAnswer } from '../../src/core/notice/delivery/delivery.js';
import type { OutgoingMessage } from '../../src/core/notice/outgoing-message.js';
import type { HandingOver, NoticeChannel } from '../../src/runs/ports/messages.js';

export const DELIVERED: DeliveryAnswer = { outcome: 'delivered', said: '250 OK' };
export const refusal = (
  more: Partial<Extract<DeliveryAnswer, { outcome: 'refused' }>> = {},
): DeliveryAnswer => ({
  outcome: 'refused',
  isPermanent: false,
  isChannelDown: false,
  mayHaveArrived: false,
  why: 'not now',
  ...more,
});

/** A channel in memory, which answers what it is told to: `null` = nothing until it is stopped. */
export class FakeChannel implements NoticeChannel {
  readonly name: NoticeChannel['name'];
  readonly label: string;
  readonly audiences: NoticeChannel['audiences'];
  /** Messages that it took. */
  readonly taken: OutgoingMessage[] = [];
  attempts = 0;
  /** Attempts that could be noted before. */
  handedOver = 0;
  /** Those that attempts were given. */
  readonly signals: AbortSignal[] = [];
  answer: (message: OutgoingMessage) => DeliveryAnswer | null = () => DELIVERED;

  constructor(
    name: NoticeChannel['name'] = 'mail',
    audiences: NoticeChannel['audiences'] = ['administrator', 'user'],
  ) {
    this.name = name;
    this.label = `the fake ${name}`;
    this.audiences = audiences;
  }

  async deliver(
    message: OutgoingMessage,
    signal: AbortSignal,
    handingOver?: HandingOver,
  ): Promise<DeliveryAnswer> {
    if (signal.aborted) return refusal({ why: 'stopped' });
    this.attempts += 1;
    this.signals.push(signal);
    await handingOver?.();
    this.handedOver += 1;
    const answer = this.answer(message);
    if (answer === null) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return refusal({ why: 'stopped', mayHaveArrived: true });
    }
    if (answer.outcome === 'delivered') this.taken.push(message);
    return answer;
  }

  async close(): Promise<void> {}
}
