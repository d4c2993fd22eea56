import { isSuspectHere } from '../../order/name-attempt.js';
import type { NameRecord } from '../../order/name-record.js';

/** What happened to a name that fell out of its last order; a clause about `what` (the name's place in the sentence). */
export function failedWords(record: NameRecord | null | undefined, what: string): string {
  return isSuspectHere(record ?? undefined)
    ? `${what} could not be put before the provider`
    : `the provider could not validate ${what}`;
}
