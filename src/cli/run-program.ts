import { type Command, CommanderError } from 'commander';
import { printable } from '../core/domain/name/names.js';
import { EXIT } from '../core/report/check/exit-code.js';
import { withAdvice } from '../core/report/text/wording.js';
import { meantCommand, withoutHelpCommand } from './meant-command.js';
import { complainWhenUnfinished, explain, stayQuietOnClosedPipe } from './program-end.js';

/**
 * Runs a commander program and ends the process with the documented exit code: commander's own complaints are usage (2),
 * an AutosslError is one line on stderr with its advice, anything else is a fault of ours (3).
 */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  stayQuietOnClosedPipe(program.name());
  const isAtItsEnd = complainWhenUnfinished(program.name());
  const meant = meantCommand(program, argv);
  for (const command of withSubcommands(program)) {
    command.exitOverride();
    command.configureOutput({
      outputError: (text, write) => write(`${program.name()}: ${usageLine(program.name(), text, meant)}\n`),
    });
  }
  try {
    await program.parseAsync([...withoutHelpCommand(program, argv)]);
  } catch (error) {
    process.exitCode = explainEnd(program.name(), error, meant);
  }
  isAtItsEnd();
}

function* withSubcommands(command: Command): Iterable<Command> {
  yield command;
  for (const child of command.commands) yield* withSubcommands(child);
}

/** Commander's complaint (which may quote what was typed, and suggest, on a line of its own) as one line. */
function usageLine(name: string, text: string, meant: string | undefined): string {
  const said = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\n/g, ' ');
  const isTold = meant === undefined || said.includes('Did you mean');
  return withAdvice(printable(said), `${isTold ? '' : `Did you mean "${meant}"? `}See "${name} --help".`);
}

function explainEnd(name: string, error: unknown, meant: string | undefined): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  return explain(name, error, meant);
}
