import { AutosslError, UsageError } from '../core/domain/autossl-error.js';
import { printable } from '../core/domain/name/names.js';
import { reasonOf, reasonOfEnd } from '../core/domain/system-fault.js';
import { EXIT, exitCodeForError } from '../core/report/check/exit-code.js';
import { withAdvice } from '../core/report/text/wording.js';

/**
 * Runs a program whose command line has a grammar of its own, `run`, which gives the exit code, and ends the process with it; an
 * AutosslError is one line on stderr with its advice, anything else is a fault of ours (3).
 */
export async function runToExitCode(name: string, run: () => Promise<number>): Promise<void> {
  stayQuietOnClosedPipe(name);
  const isAtItsEnd = complainWhenUnfinished(name);
  try {
    process.exitCode = await run();
  } catch (error) {
    process.exitCode = explain(name, error);
  }
  isAtItsEnd();
}

/**
 * A run that waits for what can no longer come ends silently, as if it were done, when node has nothing left to do: that is a
 * fault of ours and no success. Gives what takes the watch away.
 */
export function complainWhenUnfinished(name: string): () => void {
  const complain = (code: number): void => {
    if (code !== EXIT.done) return;
    process.stderr.write(`${name}: ended in the middle of its work, which is a fault of this program\n`);
    process.exitCode = EXIT.couldNotRun;
  };
  process.once('exit', complain);
  return () => process.off('exit', complain);
}

/** Says on stderr why the program ends, with what to do about it; gives the documented exit code. */
export function explain(name: string, error: unknown, meant?: string): number {
  const isExpected = error instanceof AutosslError;
  const text = isExpected
    ? withAdvice(error.message, error instanceof UsageError ? adviceOf(error, meant) : error.advice)
    : reasonOfEnd(error);
  process.stderr.write(`${name}: ${printable(text)}\n`);
  if (!isExpected && process.env['AUTOSSL_DEBUG'] === '1' && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
  return exitCodeForError(error);
}

function adviceOf({ advice }: UsageError, meant: string | undefined): string | null {
  return meant === undefined
    ? advice
    : [`Did you mean "${meant}"?`, advice].filter((one) => one !== null).join(' ');
}

/**
 * `autossl … | head` is no error: what nobody reads any more is dropped, and a run goes on to its end and its own exit
 * code. Output that cannot be written for another reason (a full disk) makes the exit code that of a failure.
 */
export function stayQuietOnClosedPipe(name: string): void {
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
