import { printable } from '../../../core/domain/name/names.js';
import {
  CHANNEL_NAMES,
  type ChannelDelivery,
  type ChannelName,
  type QueuedMessage,
} from '../../../core/notice/delivery/delivery.js';
import { isRecipient } from '../../../core/notice/delivery/recipient.js';
import type { OutgoingMessage } from '../../../core/notice/outgoing-message.js';

const SCHEMA_VERSION = 1;
/** Also a file's name and the left half of a Message-ID. */
const ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/;
/** No mail of ours comes near it; larger ones are refused by many mail servers. */
export const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

export function isMessageId(id: string): boolean {
  return ID.test(id);
}

/** Why the message can go nowhere, as one printable clause; null: it can. */
export function whyNotSendable(message: OutgoingMessage): string | null {
  if (!isMessageId(message.id)) return 'its id is none';
  if (!isRecipient(message.to)) return `${printable(message.to).slice(0, 80)} is no recipient`;
  if (Number.isNaN(Date.parse(message.createdAt))) return 'its instant is none';
  return null;
}

/** The text of its file. */
export function queuedText(queued: QueuedMessage): string {
  return `${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...queued })}\n`;
}

/** What a file holds; `newer`: a later version of this program wrote it; undefined: no message. */
export function parseQueued(text: string): QueuedMessage | 'newer' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const version = field(value, 'schemaVersion');
  if (typeof version === 'number' && version > SCHEMA_VERSION) return 'newer';
  const message = messageIn(field(value, 'message'));
  const deliveries = field(value, 'deliveries');
  if (version !== SCHEMA_VERSION || message === undefined || !isObject(deliveries)) return undefined;
  const parsed: Partial<Record<ChannelName, ChannelDelivery>> = {};
  for (const name of CHANNEL_NAMES) {
    if (deliveries[name] === undefined) continue;
    const delivery = deliveryIn(deliveries[name]);
    if (delivery === undefined) return undefined;
    parsed[name] = delivery;
  }
  return { message, deliveries: parsed };
}

function messageIn(value: unknown): OutgoingMessage | undefined {
  if (!isObject(value)) return undefined;
  const { id, audience, account, to, subject, text, html, document, createdAt } = value;
  if (audience !== 'administrator' && audience !== 'user') return undefined;
  if (account !== null && typeof account !== 'string') return undefined;
  if (!isText(id) || !isText(to) || !isText(subject) || !isText(text) || !isText(html) || !isText(createdAt))
    return undefined;
  const message = { schemaVersion: 1, id, audience, account, to, subject, text, html, document, createdAt };
  return whyNotSendable(message as OutgoingMessage) === null ? (message as OutgoingMessage) : undefined;
}

function deliveryIn(value: unknown): ChannelDelivery | undefined {
  if (!isObject(value)) return undefined;
  const { state, attempts, unanswered, firstAt, nextAt, answer, answeredAt } = value;
  if (state !== 'waiting' && state !== 'delivered' && state !== 'given-up') return undefined;
  if (!isCount(attempts) || !isCount(unanswered) || !isInstant(nextAt)) return undefined;
  if (!(firstAt === null || isInstant(firstAt)) || !(answeredAt === null || isInstant(answeredAt)))
    return undefined;
  if (answer !== null && !isText(answer)) return undefined;
  return { state, attempts, unanswered, firstAt, nextAt, answer, answeredAt };
}

function field(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isText(value: unknown): value is string {
  return typeof value === 'string';
}
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
function isInstant(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
