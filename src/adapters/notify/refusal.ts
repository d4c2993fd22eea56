import { printable } from '../../core/domain/name/names.js';
import type { DeliveryAnswer } from '../../core/notice/delivery/delivery.js';

type Refusal = Extract<DeliveryAnswer, { readonly outcome: 'refused' }>;
/** What other programs and servers say is shown so far, in characters. */
const SHOWN_CHARACTERS = 200;

/** A refusal that is worth another attempt, unless `more` says otherwise. */
export function refused(why: string, more: Partial<Omit<Refusal, 'outcome' | 'why'>> = {}): Refusal {
  return {
    outcome: 'refused',
    isPermanent: false,
    isChannelDown: false,
    mayHaveArrived: false,
    ...more,
    why,
  };
}

/** The last line of what was said, fit for a message. */
export function lastWords(text: string): string {
  const line = text.trim().split(/\r?\n/).at(-1) ?? '';
  return printable([...line].slice(0, SHOWN_CHARACTERS).join(''));
}
