import { type Command, CommanderError } from 'commander';
import { AutosslError } from '../core/domain/autossl-error.js';
import { printable } from '../core/domain/name/names.js';
import { reasonOf, reasonOfEnd } from '../core/domain/system-fault.js';
import { EXIT, exitCodeForError } from '../core/report/check/exit-code.js';
import { withAdvice } from '../core/report/text/wording.js';

/**
 * Runs a commander program and ends the process with the documented exit code: commander's own complaints are usage (2),
 * an AutosslError is one line on stderr with its advice, anything else is a fault of ours (3).
 */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  stayQuietOnClosedPipe(program.name());
  for (const command of withSubcommands(program)) {
    command.exitOverride();
    command.configureOutput({
      outputError: (text, write) => write(`${program.name()}: ${usageLine(program.name(), text)}\n`),
    });
  }
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = explain(program.name(), error);
  }
}

/** The same for a program whose command line has a grammar of its own: `run` reads it and gives the exit code. */
export async function runToExitCode(name: string, run: () => Promise<number>): Promise<void> {
  stayQuietOnClosedPipe(name);
  try {
    process.exitCode = await run();
  } catch (error) {
    process.exitCode = explain(name, error);
  }
}

function* withSubcommands(command: Command): Iterable<Command> {
  yield command;
  for (const child of command.commands) yield* withSubcommands(child);
}

/** Commander's complaint (which may quote what was typed, and suggest, on a line of its own) as one line. */
function usageLine(name: string, text: string): string {
  const said = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\n/g, ' ');
  return withAdvice(printable(said), `See "${name} --help".`);
}

function explain(name: string, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const isExpected = error instanceof AutosslError;
  const text = isExpected ? withAdvice(error.message, error.advice) : reasonOfEnd(error);
  process.stderr.write(`${name}: ${printable(text)}\n`);
  if (!isExpected && process.env['AUTOSSL_DEBUG'] === '1' && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
  return exitCodeForError(error);
}

/**
 * `autossl … | head` is no error: what nobody reads any more is dropped, and a run goes on to its end and its own exit
 * code. Output that cannot be written for another reason (a full disk) makes the exit code that of a failure.
 */
function stayQuietOnClosedPipe(name: string): void {
  for (const stream of [process.stdout, process.stderr]) {
    let isSaid = false;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const { code } = error;
      if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || isSaid) return;
      isSaid = true;
      process.once('exit', () => {
        process.exitCode ||= EXIT.failed;
      });
      if (stream === process.stdout)
        process.stderr.write(`${name}: the output cannot be written: ${reasonOf(error)}\n`);
    });
  }
}
