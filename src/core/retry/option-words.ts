import { UsageError } from '../domain/autossl-error.js';
import { quoteForMessage } from '../domain/name/names.js';

/** What each option takes: every word up to the next option, or nothing. */
export const OPTIONS = {
  '--action': 'words',
  '--check': 'words',
  '--act-finally': 'words',
  '--at': 'words',
  '--delay': 'words',
  '--max-retries': 'words',
  '--skip-first': 'nothing',
  '--has-jobs': 'nothing',
  '--json': 'nothing',
  '--queued': 'nothing',
  '--help': 'nothing',
  '--version': 'nothing',
} as const;
export type OptionName = keyof typeof OPTIONS;
export interface Option {
  readonly words: readonly string[];
}

/** Dashes that word processors make of hyphens: U+2010–2015, minus sign, small and full-width forms. */
const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
/** What is left of bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/**
 * The command line cut into options. Words with one hyphen, and a lone `--`, belong to the command before them; one that
 * begins with `--` is an option of ours. @throws UsageError BAD_ARGUMENT
 */
export function splitOptions(argv: readonly string[]): ReadonlyMap<OptionName, Option> {
  const options = new Map<OptionName, Option>();
  let open: { readonly name: OptionName; readonly words: string[] } | undefined;
  for (const word of argv) {
    refuseUnreadable(word);
    if (isOption(word)) {
      const { name, value } = parseOption(word, open?.name);
      if (options.has(name)) throw new UsageError('BAD_ARGUMENT', `${name} is given twice`);
      const words = value === undefined ? [] : [value];
      options.set(name, { words });
      open = OPTIONS[name] === 'words' && value === undefined ? { name, words } : undefined;
    } else if (open === undefined) {
      throw new UsageError('BAD_ARGUMENT', `${quoteForMessage(word)} belongs to no option`);
    } else open.words.push(word);
  }
  return options;
}

const isOption = (word: string): boolean => word.startsWith('--') && word !== '--';
const isName = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);

function parseOption(
  word: string,
  open: OptionName | undefined,
): { readonly name: OptionName; readonly value: string | undefined } {
  const [, name = '', value] = /^([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
  if (!isName(name)) {
    throw new UsageError('BAD_ARGUMENT', `there is no option ${quoteForMessage(name)}`, {
      advice:
        open === undefined
          ? 'See "try-later --help".'
          : `If it belongs to the command of ${open}, write that whole command as one quoted word.`,
    });
  }
  if (value !== undefined && OPTIONS[name] === 'nothing') {
    throw new UsageError('BAD_ARGUMENT', `${name} takes no value`);
  }
  return { name, value };
}

function refuseUnreadable(word: string): void {
  if (word.includes(REPLACEMENT)) {
    throw new UsageError('BAD_ARGUMENT', `${quoteForMessage(word)} has bytes that are not UTF-8`);
  }
  const meant = word
    .replace(DASHES, '-')
    .replace(/^-+/, '--')
    .replace(/=[\s\S]*$/, '');
  if (word.search(DASHES) === -1 || !isName(meant)) return;
  // As printed in the documentation of checkallsslcerts.
  throw new UsageError('BAD_ARGUMENT', `${quoteForMessage(word)} is written with a dash that is no hyphen`, {
    advice: `Write ${meant}, with two hyphens.`,
  });
}
