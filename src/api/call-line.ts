import { UsageError } from '../core/domain/autossl-error.js';
import { quoteForMessage } from '../core/domain/name/names.js';

/** A command line of whmapi1 or uapi. */
export interface CallLine {
  readonly kind: 'call' | 'help' | 'version';
  /** By name without dashes. */
  readonly options: ReadonlyMap<string, string>;
  /** The function (for uapi the module and the function), then `key=value` words. */
  readonly words: readonly string[];
}

/**
 * Reads options up to the first word that is none; all that follows are words, but for `--output` and `known`, which
 * people write at the end as well. @throws UsageError BAD_ARGUMENT
 */
export function readCallLine(argv: readonly string[], known: readonly string[]): CallLine {
  const options = new Map<string, string>();
  const words: string[] = [];
  let kind: CallLine['kind'] = 'call';
  const names = ['output', ...known];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    const [, name = '', value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (names.includes(name)) {
      const given = value ?? argv[++index];
      if (given === undefined) throw new UsageError('BAD_ARGUMENT', `--${name} needs a value`);
      if (options.has(name)) throw new UsageError('BAD_ARGUMENT', `--${name} was given more than once`);
      options.set(name, given);
    } else if (word === '--help' || word === '-h') kind = 'help';
    else if (word === '--version' && words.length === 0) kind = 'version';
    else if (word.startsWith('-') && words.length === 0) {
      throw new UsageError('BAD_ARGUMENT', `there is no option ${quoteForMessage(word)}`);
    } else words.push(word);
  }
  return { kind, options, words };
}
