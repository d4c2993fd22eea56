import { type Command, CommanderError } from 'commander';
import { AutosslError } from '../core/domain/autossl-error.js';
import { printable } from '../core/domain/names.js';
import { EXIT, exitCodeForError } from '../core/report/exit-code.js';

/**
 * Runs a commander program and ends the process with the documented exit code: commander's own complaints are usage (2),
 * an AutosslError is one line on stderr with its advice, anything else is a fault of ours (3).
 */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  stayQuietOnClosedPipe();
  for (const command of withSubcommands(program)) {
    command.exitOverride();
    command.configureOutput({
      outputError: (text, write) => write(`${program.name()}: ${text.replace(/^error: /, '')}`),
    });
    command.showHelpAfterError(`See "${program.name()} --help".`);
  }
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = explain(program.name(), error);
  }
}

function* withSubcommands(command: Command): Iterable<Command> {
  yield command;
  for (const child of command.commands) yield* withSubcommands(child);
}

function explain(name: string, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const isExpected = error instanceof AutosslError;
  const message = error instanceof Error ? error.message : String(error);
  const text = isExpected
    ? `${message}${error.advice === null ? '' : `${/[.?!]$/.test(message) ? '' : '.'} ${error.advice}`}`
    : `internal error: ${message}`;
  process.stderr.write(`${name}: ${printable(text)}\n`);
  if (!isExpected && process.env['AUTOSSL_DEBUG'] === '1' && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
  return exitCodeForError(error);
}

/** `autossl … | head` is no error. */
function stayQuietOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.done);
      throw error;
    });
  }
}
