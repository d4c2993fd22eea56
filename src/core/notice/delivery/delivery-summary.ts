import { printable } from '../../domain/name/names.js';
import type { RunEvent } from '../../report/events/event.js';
import { counted } from '../../report/text/wording.js';

/** What one turn of delivering came to. */
export interface DeliverySummary {
  /** Handed over, counted by channel. */
  readonly delivered: number;
  /** Refused, and tried again. */
  readonly postponed: readonly Undelivered[];
  readonly givenUp: readonly Undelivered[];
  /** Another process delivers; it takes what was added, too. */
  readonly isElsewhere: boolean;
}
/** A message that a channel did not take. */
export interface Undelivered {
  readonly id: string;
  readonly to: string;
  /** As people know it. */
  readonly channel: string;
  readonly why: string;
}

/** The lines of a run's log, or of cron's mail: nothing where all went well. None of them is a fault of the run. */
export function deliveryEvents({ givenUp, postponed }: DeliverySummary): readonly RunEvent[] {
  return [
    ...told('NOTICES_WAIT', postponed, 'could not be delivered yet, and is tried again', ''),
    ...told(
      'NOTICES_GIVEN_UP',
      givenUp,
      'could not be delivered, and is given up',
      '; see “autossl notify list”',
    ),
  ];
}

function told(code: string, list: readonly Undelivered[], what: string, more: string): readonly RunEvent[] {
  const [first] = list;
  if (first === undefined) return [];
  const { length } = list;
  const subject = length === 1 ? 'A message' : `Each of ${counted(length, 'message')}`;
  const whose = `${length === 1 ? '' : 'the first '}to ${first.to}, ${first.channel}: ${first.why}`;
  return [warning(code, `${subject} ${what}: ${whose}${more}`, { count: length, first })];
}

/** What the outbox could not take; nothing where it took all. */
export function refusedEvents(
  refused: readonly { readonly id: string; readonly why: string }[],
): readonly RunEvent[] {
  const [first] = refused;
  if (first === undefined) return [];
  const text = `${counted(refused.length, 'message')} could not be put into the outbox: ${first.why}`;
  return [warning('NOTICES_REFUSED', text, { count: refused.length, why: first.why })];
}

/** A way that the settings name cannot be gone, whatever there is to tell. */
export function channelUnusable({
  label,
  fault,
}: {
  readonly label: string;
  readonly fault: string;
}): RunEvent {
  const data = { channel: label, why: fault };
  return warning(
    'NOTICES_CHANNEL_UNUSABLE',
    `Messages by ${label} cannot be delivered, and wait: ${fault}`,
    data,
  );
}

/** Nothing could be handed over: the outbox, or its lock, cannot be used. */
export const DELIVERY_FAILED = 'NOTICES_NOT_DELIVERED';

/** Delivering could not be done at all. */
export function deliveryFailed(why: string): RunEvent {
  return warning(DELIVERY_FAILED, `Messages could not be delivered, and wait: ${why}`, { why });
}

function warning(code: string, text: string, data: unknown): RunEvent {
  return { type: 'warn', code, indent: 0, contents: printable(text), data };
}
