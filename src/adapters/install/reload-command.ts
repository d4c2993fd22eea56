import { printable, quoteForMessage } from '../../core/domain/names.js';
import type { Installer } from '../../runs/ports.js';
import { type CommandResult, runCommand } from '../system/exec.js';

/** A reload that takes longer hangs. */
const TIMEOUT_MS = 60_000;
/** Of what the command said, so much reaches a message: its end, where the reason stands. */
const SHOWN_CHARACTERS = 300;

/** Makes the web server use what was published, by the command that the settings name; without one it does nothing. */
export class ReloadCommand implements Pick<Installer, 'reload'> {
  readonly #argv: readonly string[] | null;

  /** `argv`: program and arguments, run as they are, without a shell; null or empty when none is configured. */
  constructor(argv: readonly string[] | null) {
    this.#argv = argv === null || argv.length === 0 ? null : argv;
  }

  async reload(): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string } | undefined> {
    if (this.#argv === null) return undefined;
    const result = await runCommand(this.#argv, { timeoutMs: TIMEOUT_MS });
    const isDone = result.exitCode === 0 && !result.hasTimedOut && result.startFault === null;
    return isDone ? { ok: true } : { ok: false, why: describeFailure(this.#argv, result) };
  }
}

function describeFailure(argv: readonly string[], result: CommandResult): string {
  const command = `the reload command ${quoteForMessage(argv.join(' '))}`;
  if (result.startFault !== null) return `${command} could not be started: ${result.startFault}`;
  const how = result.hasTimedOut
    ? `did not end within ${TIMEOUT_MS / 1000} seconds`
    : result.signal !== null
      ? `was ended by ${result.signal}`
      : `ended with code ${result.exitCode}`;
  const said = (result.stderr.trim() || result.stdout.trim()).replace(/\s+/g, ' ');
  return said === '' ? `${command} ${how}` : `${command} ${how}: ${printable(said.slice(-SHOWN_CHARACTERS))}`;
}
