import type { DeliveryAnswer } from '../../core/notice/delivery/delivery.js';
import { plainMessage } from '../../core/notice/delivery/plain-message.js';
import type { Clock } from '../ports/clock.js';
import type { NoticeChannel } from '../ports/messages.js';

/** What one channel said to a test message. */
export interface ChannelTest {
  /** As people know it. */
  readonly channel: string;
  readonly isDelivered: boolean;
  readonly answer: string;
}

/** Hands one test message to every channel at once, past the outbox: each is tried once. */
export async function testChannels(
  to: string,
  host: { readonly channels: readonly NoticeChannel[]; readonly clock: Pick<Clock, 'now'> },
  signal: AbortSignal,
): Promise<readonly ChannelTest[]> {
  const message = plainMessage('test', to, TEST, host.clock.now());
  return Promise.all(
    host.channels.map(async (channel) => {
      const answer = await channel.deliver(message, signal);
      await channel.close();
      return { channel: channel.label, isDelivered: answer.outcome === 'delivered', answer: wordsOf(answer) };
    }),
  );
}

const TEST = {
  subject: 'AutoSSL: a test message',
  lines: [
    'This is the message that “autossl notify test” sends.',
    'Whoever reads it will be told by this way what AutoSSL has to tell.',
  ],
};

function wordsOf(answer: DeliveryAnswer): string {
  return answer.outcome === 'delivered' ? answer.said : answer.why;
}
