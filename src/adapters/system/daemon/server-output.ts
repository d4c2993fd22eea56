import { printable } from '../../../core/domain/name/names.js';
import type { CommandResult } from '../exec.js';

/** Of what a server said, so much reaches a message. */
const SHOWN_CHARACTERS = 300;
/** A severity that stops a server, as nginx and Apache write it. */
const SEVERE = /\[(?:[a-z0-9_]*:)?(?:emerg|alert|crit|error)\]/;
/** Lines that say nothing about the reason. */
const NOISE =
  /^(?:Syntax OK|Action '.*' failed\.|The Apache error log may have more information\.|AH00558:.*|AH00020:.*|AH02311:.*|AH02312:.*|\[.*\] (?:AH00020|AH02312|AH00016).*|nginx: configuration file .* test (?:failed|is successful)|nginx: the configuration file .* syntax is ok)$/;

/** Whether a line of a server's output or error log is about something that stops it. */
export function isSevere(line: string): boolean {
  return SEVERE.test(line);
}

/**
 * The line of a server's output that tells why it refuses, with file and line where it names them, printable and
 * bounded; undefined when it said nothing.
 */
export function meaningfulLine(output: string): string | undefined {
  const lines = joined(output.split('\n').map((line) => line.trim())).filter(
    (line) => line !== '' && !NOISE.test(line),
  );
  // The first severe line is the cause, later ones follow from it.
  const line = lines.find(isSevere) ?? lines.at(-1);
  return line === undefined ? undefined : shown(withoutStamp(line));
}

/** Why a command did not succeed: what it said, else how it ended. One printable line; undefined when it succeeded. */
export function commandFault(
  argv: readonly string[],
  result: CommandResult,
  timeoutMs: number,
): string | undefined {
  if (result.exitCode === 0 && !result.hasTimedOut && result.startFault === null) return undefined;
  const command = shown(argv.join(' '));
  if (result.startFault !== null) return `${command} could not be started: ${result.startFault}`;
  if (result.hasTimedOut) return `${command} did not end within ${timeoutMs / 1000} seconds`;
  const said = meaningfulLine(`${result.stdout}\n${result.stderr}`);
  if (said !== undefined) return said;
  return result.signal === null
    ? `${command} ended with code ${result.exitCode}`
    : `${command} was ended by ${result.signal}`;
}

/** Apache says where on one line and what on the next. */
function joined(lines: readonly string[]): readonly string[] {
  const whole: string[] = [];
  for (const line of lines) {
    const last = whole.at(-1);
    if (last?.endsWith(':') === true && /^AH\d+: Syntax error on line/.test(last))
      whole[whole.length - 1] = `${last} ${line}`;
    else whole.push(line);
  }
  return whole;
}

/** Times, levels and process ids say nothing to the reader. */
function withoutStamp(line: string): string {
  return line
    .replace(/^nginx: /, '')
    .replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, '')
    .replace(/^(?:\[[^\]]*\] )+(?:\d+#\d+: )?/, '');
}

function shown(text: string): string {
  const line = printable(text);
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
