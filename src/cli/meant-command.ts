import type { Command } from 'commander';
import { nearestKey } from '../core/domain/nearest-key.js';

/**
 * The command that was probably meant where a group was given a word that none of its commands is called by, and took it for
 * an argument of its default one: `autossl users disable` for `users disabel`. Undefined: none is near. `argv` as of the process.
 */
export function meantCommand(program: Command, argv: readonly string[]): string | undefined {
  const [, , first = '', word = ''] = argv;
  const group = program.commands.find((one) => one.name() === first);
  if (group === undefined || group.commands.length === 0 || word.startsWith('-')) return undefined;
  const names = group.commands.map((one) => one.name());
  const nearest = names.includes(word) ? undefined : nearestKey(word, names);
  return nearest === undefined ? undefined : `${program.name()} ${first} ${nearest}`;
}

/** `autossl help exclude add` as `autossl exclude add --help`: commander's own help knows one word. */
export function withoutHelpCommand(program: Command, argv: readonly string[]): readonly string[] {
  const [node = '', script = '', first, ...words] = argv;
  if (first !== 'help' || words.length < 2 || program.commands.length === 0) return argv;
  return [node, script, ...words, '--help'];
}
