import { UsageError } from '../domain/autossl-error.js';
import { quoteForMessage } from '../domain/name/names.js';
import { quoteForShell } from './shell-words.js';

/**
 * What is run: one text is a script of /bin/sh; two or more words are a program and its arguments, executed as they are
 * (design 5.15).
 */
export type Command =
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'words'; readonly words: readonly string[] };

const SHELL = '/bin/sh';
/** A script that begins so would be options of the shell; no program is called so. */
const OPTION_LIKE = /^[-+]/;

/** The command that was written as these words after `option`. @throws UsageError BAD_ARGUMENT */
export function parseCommand(words: readonly string[], option: string): Command {
  const [first = ''] = words;
  const refuse = (why: string): never => {
    throw new UsageError('BAD_ARGUMENT', `${option} ${why}`);
  };
  if (first.trim() === '') refuse('needs a command');
  if (OPTION_LIKE.test(first)) refuse(`needs a command, and ${quoteForMessage(first)} is none`);
  return words.length === 1 ? { kind: 'script', text: first } : { kind: 'words', words };
}

/** A command that runs exactly this program with these arguments, whatever characters they are made of. */
export function commandOf(words: readonly string[]): Command {
  return { kind: 'script', text: quoteForShell(words) };
}

/** The same, without what the program says on its standard output. */
export function silentCommandOf(words: readonly string[]): Command {
  return { kind: 'script', text: `${quoteForShell(words)} >/dev/null` };
}

/** The words after the option that `parseCommand` makes the same command of. */
export function wordsOf(command: Command): readonly string[] {
  return command.kind === 'script' ? [command.text] : command.words;
}

/** Program and arguments to start. */
export function argvOf(command: Command): readonly string[] {
  return command.kind === 'script' ? [SHELL, '-c', command.text] : command.words;
}

/** One line as somebody would type it. Not escaped for terminals. */
export function typedOf(command: Command): string {
  return command.kind === 'script' ? command.text : quoteForShell(command.words);
}

export function isSameCommand(one: Command, other: Command): boolean {
  const [words, others] = [wordsOf(one), wordsOf(other)];
  return words.length === others.length && words.every((word, index) => word === others[index]);
}
