import { UsageError } from '../core/domain/autossl-error.js';
import { quoteForMessage } from '../core/domain/name/names.js';

/** The word of an option that takes one of several. @throws UsageError BAD_ARGUMENT that names them */
export function oneOf<T extends string>(option: string, word: string, words: readonly T[]): T {
  const found = words.find((candidate) => candidate === word);
  if (found !== undefined) return found;
  throw new UsageError('BAD_ARGUMENT', `${option} takes ${words.join(', ')}, not ${quoteForMessage(word)}`);
}
