import { printable } from '../../domain/name/names.js';
import type { EventType, RunEvent } from '../events/event.js';
import { logInstant } from './log-instant.js';

/** Blanks per level of indentation. */
const INDENT_WIDTH = 4;

const MARKS: Readonly<Record<EventType, string>> = { out: '', success: '', warn: 'WARN: ', error: 'ERROR: ' };

/** One event as a line of the log file `txt`: instant, indentation, a mark for warnings and errors, the sentence; and a newline. */
export function renderLogLine(event: RunEvent, at: Date): string {
  return `[${logInstant(at)}] ${renderText(event)}\n`;
}

/** One event as a person reads it on a terminal: without instant and newline. */
export function renderText(event: RunEvent): string {
  return `${' '.repeat(INDENT_WIDTH * event.indent)}${MARKS[event.type]}${printable(event.contents)}`;
}
