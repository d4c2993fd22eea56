import { join } from 'node:path';
import { AutosslError } from '../../../core/domain/autossl-error.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import { isAttemptDue, nextAttemptAt, type QueuedMessage } from '../../../core/notice/delivery/delivery.js';
import type { OutgoingMessage } from '../../../core/notice/outgoing-message.js';
import type { Clock } from '../../../runs/ports/clock.js';
import type {
  MessageCatalogue,
  MessageList,
  MessageQueue,
  OutboxAddition,
} from '../../../runs/ports/messages.js';
import { ensureBaseFolders } from '../../system/files/base-folders.js';
import { ensureFolder, syncFolder } from '../../system/files/files.js';
import { isClockSettledHere } from '../../system/past-runs.js';
import type { Tree } from '../../system/tree.js';
import { MessageFolder } from './message-folder.js';
import { MAX_MESSAGE_BYTES, queuedText, whyNotSendable } from './queued-record.js';
import { SentIds } from './sent-ids.js';

/** What may wait: two nights in which every owner of a large server is told something, while its mail server is down. */
export interface OutboxBounds {
  readonly messages: number;
  readonly bytes: number;
}
const BOUNDS: OutboxBounds = { messages: 20_000, bytes: 256 * 1024 * 1024 };
/** The last of the places are the administrator's, who must hear that something is wrong. */
const RESERVED_PART = 0.05;
const MS_PER_DAY = 24 * 3_600_000;
/** The disk is waited for by so many at a time. */
const WRITES_AT_ONCE = 8;
/** Given up, a message is shown so long, and so many are kept. */
const SHOWN_MS = 30 * MS_PER_DAY;
const MOST_SHOWN = 1_000;
const MOST_DAMAGED = 100;

/** The messages on disk: `notices/outbox/<id>.json`, `notices/undelivered/<id>.json`, `notices/sent.jsonl`. */
export class FileOutbox implements MessageQueue, MessageCatalogue {
  readonly #tree: Tree;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #bounds: OutboxBounds;
  readonly #waiting: MessageFolder;
  readonly #undelivered: MessageFolder;
  readonly #sent: SentIds;
  /** Read once a turn: whoever delivers is alone. */
  #known: Promise<ReadonlySet<string>> | undefined;

  constructor(tree: Tree, clock: Pick<Clock, 'now'>, bounds: OutboxBounds = BOUNDS) {
    this.#tree = tree;
    this.#clock = clock;
    this.#bounds = bounds;
    this.#waiting = new MessageFolder(tree.outbox());
    this.#undelivered = new MessageFolder(tree.undelivered());
    this.#sent = new SentIds(join(tree.notices(), 'sent.jsonl'));
  }

  async add(messages: readonly OutgoingMessage[]): Promise<OutboxAddition> {
    const added: string[] = [];
    const known: string[] = [];
    const refused: { readonly id: string; readonly why: string }[] = [];
    if (messages.length === 0) return { added, known, refused };
    try {
      await this.#makeFolders();
      const now = this.#clock.now();
      const entries = this.#waiting.entries();
      const present = new Set([...entries.map(({ id }) => id), ...(await this.#sent.read(now))]);
      const room = new Room(this.#bounds, entries);
      const take = async (message: OutgoingMessage): Promise<void> => {
        if (present.has(message.id)) {
          known.push(message.id);
          return;
        }
        present.add(message.id);
        const queued: QueuedMessage = { message, deliveries: {} };
        const why = whyNotSendable(message) ?? room.whyNot(message, Buffer.byteLength(queuedText(queued)));
        if (why !== null) refused.push({ id: message.id, why });
        else {
          const isNew = await this.#waiting.place(queued, now);
          (isNew ? added : known).push(message.id);
        }
      };
      const rest = messages.values();
      const ends = await Promise.allSettled(
        Array.from({ length: WRITES_AT_ONCE }, async () => {
          for (const message of rest) await take(message);
        }),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      await syncFolder(this.#tree.outbox());
    } catch (error) {
      // What was written stays; of the others nobody may believe that they wait.
      const done = new Set([...added, ...known, ...refused.map(({ id }) => id)]);
      const why = error instanceof AutosslError ? error.message : reasonOf(error);
      refused.push(...messages.filter(({ id }) => !done.has(id)).map(({ id }) => ({ id, why })));
    }
    return { added, known, refused };
  }

  isAnyDue(now: Date): boolean {
    try {
      return this.#waiting.entries().some(({ at }) => isAttemptDue(at, now));
    } catch {
      return false;
    }
  }

  due(now: Date): readonly string[] {
    this.#known = undefined;
    const ids = this.#waiting
      .entries()
      .filter(({ at }) => isAttemptDue(at, now))
      .sort((a, b) => a.at.getTime() - b.at.getTime())
      .map(({ id }) => id);
    const first = new Set(ids.filter((id) => this.#waiting.isForAdministrator(id)));
    return [...first, ...ids.filter((id) => !first.has(id))];
  }

  async read(id: string): Promise<QueuedMessage | undefined> {
    const queued = await this.#waiting.read(id, this.#clock.now());
    if (queued === undefined) return undefined;
    this.#known ??= this.#sent.read(this.#clock.now());
    if (!(await this.#known).has(id)) {
      const next = nextAttemptAt(Object.values(queued.deliveries));
      if (next !== null && !isAttemptDue(next, this.#clock.now())) this.#waiting.putOff(id, next);
      return queued;
    }
    await this.#waiting.remove(id);
    return undefined;
  }

  async note(queued: QueuedMessage): Promise<void> {
    const next = nextAttemptAt(Object.values(queued.deliveries)) ?? this.#clock.now();
    await this.#waiting.write(queued, next);
  }

  async settle(queued: QueuedMessage): Promise<void> {
    const { id } = queued.message;
    const states = Object.values(queued.deliveries).map(({ state }) => state);
    const now = this.#clock.now();
    if (states.includes('given-up')) {
      await this.#undelivered.make();
      await this.#undelivered.write(queued, now);
    }
    if (states.length > 0) await this.#sent.add(id, now);
    await this.#waiting.remove(id);
  }

  async tidy(): Promise<void> {
    try {
      const now = this.#clock.now();
      const isSettled = await isClockSettledHere(this.#tree, now);
      if (isSettled) await this.#sent.tidy(now);
      const shown = [...this.#undelivered.entries()].sort((a, b) => b.at.getTime() - a.at.getTime());
      const isOld = (at: Date): boolean => isSettled && at.getTime() < now.getTime() - SHOWN_MS;
      for (const { id } of shown.filter(({ at }, place) => isOld(at) || place >= MOST_SHOWN))
        await this.#undelivered.remove(id);
      for (const name of this.#waiting.damaged().slice(MOST_DAMAGED)) await this.#waiting.removeDamaged(name);
    } catch {
      // A later turn tidies.
    }
  }

  async list(): Promise<MessageList> {
    const damaged = [...this.#waiting.damaged()];
    const waiting = await look(this.#waiting, damaged);
    const givenUp = await look(this.#undelivered, damaged);
    return { waiting, givenUp, damaged };
  }

  async #makeFolders(): Promise<void> {
    this.#tree.assertInside(this.#tree.outbox());
    await ensureBaseFolders(this.#tree);
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.notices(), 0o700);
    await this.#waiting.make();
  }
}

/** How much more may wait. */
class Room {
  readonly #bounds: OutboxBounds;
  #messages: number;
  #bytes: number;

  constructor(bounds: OutboxBounds, entries: readonly { readonly bytes: number }[]) {
    this.#bounds = bounds;
    this.#messages = entries.length;
    this.#bytes = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Why there is no room for it; null: there is, and it is taken. */
  whyNot({ audience }: OutgoingMessage, bytes: number): string | null {
    const part = audience === 'administrator' ? 1 : 1 - RESERVED_PART;
    const most = Math.floor(this.#bounds.messages * part);
    if (bytes > MAX_MESSAGE_BYTES) return `it is larger than ${MAX_MESSAGE_BYTES} bytes`;
    if (this.#messages >= most) return `${this.#messages} messages wait already`;
    if (this.#bytes + bytes > this.#bounds.bytes * part)
      return `the messages that wait take ${this.#bytes} bytes already`;
    this.#messages += 1;
    this.#bytes += bytes;
    return null;
  }
}

/** The messages of a folder by their instants; what is none is added to `damaged`. */
async function look(folder: MessageFolder, damaged: string[]): Promise<readonly QueuedMessage[]> {
  const found: QueuedMessage[] = [];
  for (const { id } of [...folder.entries()].sort((a, b) => a.at.getTime() - b.at.getTime())) {
    const queued = await folder.look(id);
    if (typeof queued === 'object') found.push(queued);
    else if (queued === 'damaged') damaged.push(id);
  }
  return found;
}
