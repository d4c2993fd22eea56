import type { NoticeAudience } from '../../core/domain/notice-level.js';
import type { ChannelName, DeliveryAnswer } from '../../core/notice/delivery/delivery.js';
import type { NoticeChannel } from '../../runs/ports/messages.js';
import type { UnusableWay } from '../../runs/ports/settings.js';
import { refused } from './refusal.js';

/** Stands for a way that the settings name and that cannot be gone now: its messages wait, the others' do not. */
export class UnusableChannel implements NoticeChannel {
  readonly name: ChannelName;
  readonly label: string;
  readonly audiences: readonly NoticeAudience[];
  readonly #fault: string;

  constructor(name: ChannelName, { label, fault }: UnusableWay, audiences: readonly NoticeAudience[]) {
    this.name = name;
    this.label = label;
    this.audiences = audiences;
    this.#fault = fault;
  }

  async deliver(): Promise<DeliveryAnswer> {
    return refused(this.#fault, { isChannelDown: true });
  }

  async close(): Promise<void> {}
}
