import { printable } from '../../domain/name/names.js';
import { problemCode } from '../../order/problem-type.js';
import type { AcmeProblem } from '../../order/resources.js';
import { quoted } from '../text/wording.js';

/** `who` did what, and the CA's words for it as the CA's: `who: “detail” (code)`. Printable. */
export function refusalWords(who: string, problem: Pick<AcmeProblem, 'type' | 'detail'>): string {
  return wordsOf(who, problemCode(problem), problem.detail);
}

/** Like `refusalWords`, of the `code: detail` that a ledger keeps. */
export function storedRefusalWords(who: string, stored: string | null): string {
  const [code = '', ...rest] = (stored ?? '').split(': ');
  return wordsOf(who, code, rest.join(': '));
}

function wordsOf(who: string, code: string, detail: string): string {
  const why = detail.trim() === '' ? ' without giving a reason' : `: ${quoted(detail)}`;
  return `${who}${why}${code === '' ? '' : ` (${printable(code)})`}`;
}
