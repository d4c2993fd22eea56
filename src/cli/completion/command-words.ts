import type { Argument, Command, Option } from 'commander';

/** What a word may be that no list of ours has. */
export type WordKind = 'accounts' | 'names' | 'other';

/** What can follow one command on the command line. */
export interface CommandWords {
  /** The program and its subcommands, with a blank between them: `autossl users enable`. */
  readonly path: string;
  readonly subcommands: readonly string[];
  readonly options: readonly string[];
  /** Options that take a value. */
  readonly values: ReadonlyMap<string, WordKind>;
  /** Of its arguments, in their order; the last one stands for all that follow. */
  readonly kinds: readonly WordKind[];
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
        .map((option) => [wordOf(option), kindOf(option.name(), path)]),
    ),
    kinds: command.registeredArguments.map((argument: Argument) => kindOf(argument.name(), path)),
  };
  for (const one of visible) {
    if (one.name() === 'help') continue;
    yield* commandWords(one, `${path} ${one.name()}`);
  }
}

function wordOf({ long, short }: Option): string {
  return long ?? short ?? '';
}

function kindOf(name: string, path: string): WordKind {
  return OF_PROVIDERS.test(`${path} `) ? 'other' : (KINDS.get(name) ?? 'other');
}
