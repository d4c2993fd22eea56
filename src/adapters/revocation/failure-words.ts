import { wordsOfCode } from '../../core/domain/system-fault.js';

/** Beside the system's. */
const WORDS: Readonly<Record<string, string>> = { ABORT_ERR: 'the time for asking was over' };

/** What a request's code means, as one clause. */
export function wordsOfFailure(code: string): string {
  return WORDS[code] ?? wordsOfCode(code);
}
