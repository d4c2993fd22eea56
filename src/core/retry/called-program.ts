import { type Command, wordsOf } from './command.js';
import { readShellWords } from './shell-words.js';

/** Where a script sends what it prints: `>/dev/null`, `2>&1`, … at its end. */
const REDIRECTIONS = /(?:\s+\d?>{1,2}\s*(?:&\d|[^\s;&|<>()`$]+))+\s*$/;
const NODE = /^node/;

/**
 * Whether the command calls this program with this argument: by whatever path, with or without node before it, wherever
 * it sends its output. Scripts that do more than that are no such call.
 */
export function isCallOf(command: Command, program: string, argument: string): boolean {
  const words =
    command.kind === 'words'
      ? wordsOf(command)
      : (readShellWords(command.text.trim().replace(REDIRECTIONS, '').replace(/ {2,}/g, ' ')) ?? []);
  const [first = '', ...rest] = words;
  const called = NODE.test(nameOf(first)) ? rest : words;
  return nameOf(called[0] ?? '') === program && called.slice(1).includes(argument);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
