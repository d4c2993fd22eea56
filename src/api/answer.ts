import { AutosslError } from '../core/domain/autossl-error.js';
import { printable } from '../core/domain/name/names.js';
import { withAdvice } from '../core/report/text/wording.js';
import { Arguments, readWords } from './arguments.js';
import type { ApiAnswer, ApiFunction } from './function.js';
import { readInput } from './input.js';
import { isModifying, modifyRows, readModifiers } from './modifiers.js';
import { ApiRefusal } from './refusal.js';

/** What a function is called with. */
export interface CallWords {
  /** `key=value` words of the command line. */
  readonly words: readonly string[];
  /** The text of `--input=json`; null: there is none. */
  readonly input: string | null;
}

/** A call's end: its answer, or why there is none. */
export type CallEnd =
  | { readonly isDone: true; readonly answer: ApiAnswer }
  | { readonly isDone: false; readonly reason: string };

/**
 * Calls a function with what it was given. Whatever goes wrong is a reason: the caller's scripts read that. `explain`: how
 * an error of ours is told; what it throws ends the call. @throws what is a fault in our own program
 */
export async function callFunction<Host>(
  called: ApiFunction<Host>,
  { words, input }: CallWords,
  host: Host,
  explain: (error: AutosslError) => string = wholly,
): Promise<CallEnd> {
  try {
    const given = new Arguments(
      [...readWords(words), ...readInput(input, called.parameters)],
      called.parameters,
    );
    const modifiers = readModifiers(given.modifiers);
    const handler = await called.load();
    const answer = await handler(given, host);
    const { data, rows } = answer;
    if (data === undefined || rows === undefined) {
      // Too late to refuse: what the function does is done.
      const warnings = isModifying(modifiers) ? [...(answer.warnings ?? []), NO_ROWS] : answer.warnings;
      return { isDone: true, answer: warnings === undefined ? answer : { ...answer, warnings } };
    }
    const all = data[rows] as readonly Record<string, unknown>[];
    const shown = { ...answer, data: { ...data, [rows]: modifyRows(all, modifiers) } };
    const idle = modifiers.idle.map((kind) => `api.${kind} was not applied: it takes api.${kind}.enable=1.`);
    const warnings = [...(answer.warnings ?? []), ...idle];
    return { isDone: true, answer: warnings.length === 0 ? shown : { ...shown, warnings } };
  } catch (error) {
    if (error instanceof ApiRefusal) return { isDone: false, reason: error.message };
    if (!(error instanceof AutosslError)) throw error;
    return { isDone: false, reason: printable(explain(error)) };
  }
}

function wholly({ message, advice }: AutosslError): string {
  return withAdvice(message, advice);
}

const NO_ROWS =
  'This function gives no rows: api.filter, api.sort, api.columns and api.chunk were not applied.';
