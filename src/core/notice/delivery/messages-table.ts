import { printable } from '../../domain/name/names.js';
import type { NoticeAudience } from '../../domain/notice-level.js';
import { type Column, renderColumns } from '../../report/text/columns.js';
import { counted, spanOf } from '../../report/text/wording.js';
import type { ChannelDelivery, ChannelName, QueuedMessage } from './delivery.js';

/** What `autossl notify list --json` prints. */
export interface NotifyList {
  readonly schemaVersion: 1;
  readonly at: string;
  readonly waiting: readonly ListedMessage[];
  readonly givenUp: readonly ListedMessage[];
  /** Files in the outbox that were no messages, and were set aside. */
  readonly damaged: readonly string[];
  /** Ways that the settings name and that cannot be gone now; empty, too, where the settings cannot be read. */
  readonly unusable: readonly { readonly channel: string; readonly why: string }[];
}
export interface ListedMessage {
  readonly id: string;
  readonly audience: NoticeAudience;
  readonly account: string | null;
  readonly to: string;
  readonly subject: string;
  readonly createdAt: string;
  readonly channels: Readonly<Partial<Record<ChannelName, ChannelDelivery>>>;
}

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'To', leastWidth: 14 },
  { title: 'Subject', leastWidth: 13 },
  { title: 'By', leastWidth: 7 },
  { title: 'State', leastWidth: 8 },
  { title: 'Tries', leastWidth: 5, isNumber: true },
  { title: 'Age', leastWidth: 4, isNumber: true },
  { title: 'Next', leastWidth: 4 },
  { title: 'Answer', leastWidth: 11 },
];

/** A message without its bodies. */
export function listedMessage({ message, deliveries }: QueuedMessage): ListedMessage {
  const { id, audience, account, to, subject, createdAt } = message;
  return { id, audience, account, to, subject, createdAt, channels: deliveries };
}

/** A line for each channel of each message that has not taken it, what was given up last. */
export function* renderMessages(
  { waiting, givenUp, damaged, unusable }: NotifyList,
  now: Date,
  width: number | null,
): Generator<string> {
  const rows = [...waiting, ...givenUp].flatMap((message) => rowsOf(message, now));
  if (rows.length > 0) yield* renderColumns(COLUMNS, rows, width);
  const wait = waiting.length === 1 ? 'waits' : 'wait';
  const were = givenUp.length === 1 ? 'was' : 'were';
  yield `${counted(waiting.length, 'message')} ${wait}, ${counted(givenUp.length, 'message')} ${were} given up.`;
  for (const { channel, why } of unusable)
    yield `warning: ${printable(channel)} cannot be used: ${printable(why)}`;
  if (damaged.length > 0) {
    yield `warning: ${counted(damaged.length, 'file')} in the outbox ${damaged.length === 1 ? 'is no message' : 'are no messages'}: ${damaged.map(printable).join(', ')}`;
  }
}

function rowsOf(message: ListedMessage, now: Date): readonly (readonly string[])[] {
  const { to, subject, createdAt, channels } = message;
  const age = spanOf(Math.max(0, now.getTime() - Date.parse(createdAt)));
  const row = (by: string, delivery: ChannelDelivery | null): readonly string[] =>
    [
      ...[to, subject, by],
      delivery?.state === 'given-up' ? 'given up' : 'waiting',
      String(delivery?.attempts ?? 0),
      age,
      delivery?.state === 'given-up' ? '-' : nextCell(delivery, now),
      delivery?.answer ?? '-',
    ].map(printable);
  const open = Object.entries(channels).filter(([, { state }]) => state !== 'delivered');
  return open.length === 0 ? [row('-', null)] : open.map(([by, delivery]) => row(by, delivery));
}

function nextCell(delivery: ChannelDelivery | null, now: Date): string {
  if (delivery === null) return 'due';
  const left = Date.parse(delivery.nextAt) - now.getTime();
  return left <= 0 ? 'due' : spanOf(left);
}
