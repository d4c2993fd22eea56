import { printable } from '../../../core/domain/name/names.js';
import type { CommandResult } from '../exec.js';

/** Of what a program said, so much reaches a message. */
const SHOWN_CHARACTERS = 300;
const MS_PER_SECOND = 1000;

/** How a program came to an end that is no success, as a clause. */
export function endOf(
  { startFault, hasTimedOut, exitCode, signal }: CommandResult,
  timeoutMs: number,
): string {
  if (startFault !== null) return `could not be started (${startFault})`;
  if (hasTimedOut) return `did not end within ${timeoutMs / MS_PER_SECOND} seconds`;
  return exitCode === null ? `was ended by ${signal}` : `ended with code ${exitCode}`;
}

/** The first (0) or last (-1) line that is not blank; empty without one. */
export function lineOf(text: string, which: 0 | -1): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').at(which) ?? '';
}

/** What a program said, printable and short. */
export function shownWords(text: string): string {
  const line = printable(text);
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
