import type { NoticeAudience } from '../../core/domain/notice-level.js';
import type { ChannelName, DeliveryAnswer, QueuedMessage } from '../../core/notice/delivery/delivery.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';

/** Takes messages that are to be delivered, now or at a later turn of the poller. */
export interface Outbox {
  /**
   * Puts them on disk durably. An id that waits there, or was sent within 30 days, is dropped. MUST NOT throw: what cannot be
   * taken (too many wait, no room, no recipient) is `refused`, with one printable clause.
   */
  add(messages: readonly OutgoingMessage[]): Promise<OutboxAddition>;
}
export interface OutboxAddition {
  /** Written now. */
  readonly added: readonly string[];
  /** Ids that waited already or were sent lately. */
  readonly known: readonly string[];
  readonly refused: readonly { readonly id: string; readonly why: string }[];
}

/** The messages that wait. Whoever calls the others than `add` and the looks holds the lock `notices`. */
export interface MessageQueue extends Outbox {
  /** Whether any is due. Reads one folder, and no message. MUST NOT throw. */
  isAnyDue(now: Date): boolean;
  /** Ids of what is due: administrators' first, then longest due first. @throws StateError TREE_UNREADABLE */
  due(now: Date): readonly string[];
  /** Undefined: it is gone, was sent (then it is removed), or is damaged (then it is set aside). */
  read(id: string): Promise<QueuedMessage | undefined>;
  /** Durable before it resolves. @throws StateError WRITE_FAILED, NO_SPACE */
  note(queued: QueuedMessage): Promise<void>;
  /**
   * No channel waits any more: an id that was delivered anywhere is remembered, then the message removed; one that a channel
   * gave up is kept aside for 30 days. @throws StateError WRITE_FAILED, NO_SPACE
   */
  settle(queued: QueuedMessage): Promise<void>;
  /** Forgets what is old. MUST NOT throw. */
  tidy(): Promise<void>;
}

/** What people ask about the messages. */
export interface MessageCatalogue {
  /** In the order in which they are due, those given up last. @throws StateError TREE_UNREADABLE */
  list(): Promise<MessageList>;
}
export interface MessageList {
  readonly waiting: readonly QueuedMessage[];
  readonly givenUp: readonly QueuedMessage[];
  /** Files that were no messages, and were set aside. */
  readonly damaged: readonly string[];
}

/** Notes that a message may have arrived from now on. What it throws, a channel throws on, having sent nothing. */
export type HandingOver = () => Promise<void>;

/**
 * One way out of this server. MUST NOT throw for what the other side does; each call MUST end within the channel's own timeout
 * and obey the signal. MUST NOT let any text of the message become a header, a command, an argument or an option. MUST NOT
 * show a secret in what it says. SHOULD hand on the message's id, by which a receiver knows what it has already.
 */
export interface NoticeChannel {
  readonly name: ChannelName;
  /** What it is for people, printable and without secrets: `SMTP mail.example.com:587`. */
  readonly label: string;
  /** Whose messages it carries. */
  readonly audiences: readonly NoticeAudience[];
  /** MUST await `handingOver` after all that can be refused before, and before any of the message itself goes out. */
  deliver(message: OutgoingMessage, signal: AbortSignal, handingOver?: HandingOver): Promise<DeliveryAnswer>;
  /** Lets go of what is kept between messages. */
  close(): Promise<void>;
}
