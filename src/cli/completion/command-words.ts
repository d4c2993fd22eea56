import type { Argument, Command, Option } from 'commander';
import { CLOSED_WORDS } from './closed-words.js';

/** What a word may be that no list of ours has. */
export type WordKind = 'accounts' | 'names' | 'other';

/** What a word may be: of a kind, or of a closed list as well. */
export interface WordChoice {
  readonly kind: WordKind;
  /** None of them has a blank or a comma. */
  readonly words: readonly string[];
}

/** A choice of which nothing is known. */
export const ANYTHING: WordChoice = { kind: 'other', words: [] };

/** What can follow one command on the command line. */
export interface CommandWords {
  /** The program and its subcommands, with a blank between them: `autossl users enable`. */
  readonly path: string;
  readonly subcommands: readonly string[];
  readonly options: readonly string[];
  /** Options that take a value. */
  readonly values: ReadonlyMap<string, WordChoice>;
  /** Its arguments, in their order; where the last one may be repeated, it stands for all that follow. */
  readonly arguments: readonly WordChoice[];
}

/** By what options and arguments are called everywhere. */
const KINDS: ReadonlyMap<string, WordKind> = new Map([
  ['user', 'accounts'],
  ['user-and-type', 'accounts'],
  ['domain', 'names'],
  ['name', 'names'],
  ['website', 'names'],
]);
/** Where a name is something else. */
const OF_PROVIDERS = /^autossl provider /;

/** Every command of a program that is not hidden, read from the definition of its command line. */
export function* commandWords(command: Command, path = command.name()): Generator<CommandWords> {
  const help = command.createHelp();
  const visible = help.visibleCommands(command);
  yield {
    path,
    subcommands: visible.map((one) => one.name()),
    options: help.visibleOptions(command).map(wordOf),
    values: new Map(
      command.options
        .filter(({ required, optional }) => required || optional)
        .map((option) => [wordOf(option), choiceOf(wordOf(option), option.name(), path)]),
    ),
    arguments: argumentsOf(command, path),
  };
  for (const one of visible) {
    if (one.name() === 'help') continue;
    yield* commandWords(one, `${path} ${one.name()}`);
  }
}

function wordOf({ long, short }: Option): string {
  return long ?? short ?? '';
}

/** Behind the last one nothing is offered, unless it may be repeated. */
function argumentsOf({ registeredArguments }: Command, path: string): readonly WordChoice[] {
  const choices = registeredArguments.map((one: Argument) => choiceOf(one.name(), one.name(), path));
  return registeredArguments.at(-1)?.variadic === true ? choices : [...choices, ANYTHING];
}

function choiceOf(word: string, name: string, path: string): WordChoice {
  const kind = OF_PROVIDERS.test(`${path} `) ? 'other' : (KINDS.get(name) ?? 'other');
  return { kind, words: CLOSED_WORDS.get(`${path} ${word}`) ?? [] };
}
