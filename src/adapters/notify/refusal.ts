import { printable } from '../../core/domain/name/names.js';
import { wordsOfCode } from '../../core/domain/system-fault.js';
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

/** Nothing was begun, or it was broken off. */
export const STOPPED = refused('this run was stopped');

/** The last line of what was said, fit for a message. */
export function lastWords(text: string): string {
  const line = text.trim().split(/\r?\n/).at(-1) ?? '';
  return printable([...line].slice(0, SHOWN_CHARACTERS).join(''));
}

/** What a network error means, as a clause. */
export function networkWords(code: string, message: string): string {
  return /^E[A-Z]+$/.test(code) && code !== 'EPROTO'
    ? wordsOfCode(code)
    : `TLS with it fails: ${lastWords(message)}`;
}
