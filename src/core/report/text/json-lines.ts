import { printable } from '../../domain/name/names.js';
import type { RunEvent } from '../events/event.js';
import { logInstant } from './log-instant.js';

/**
 * One event as a line of the log file `json`: the documented fields first (`contents` with its newline inside, `partial`
 * always 0), then ours where the event has them. One printable line of JSON and a newline, whatever the event holds.
 */
export function renderJsonLine(event: RunEvent, at: Date, pid: number): string {
  const record = {
    timestamp: logInstant(at),
    type: event.type,
    indent: event.indent,
    pid,
    partial: 0,
    contents: `${printable(event.contents)}\n`,
    code: event.code,
    account: event.account,
    vhost: event.vhost,
    name: event.name,
    fault: event.fault,
    data: event.data,
  };
  return `${escapeInvisible(toJson(record))}\n`;
}

/** `data` is plain JSON by contract; what is not must not cost the line. */
function toJson(record: { data: unknown }): string {
  try {
    return JSON.stringify(record);
  } catch {
    return JSON.stringify({ ...record, data: 'not representable as JSON' });
  }
}

/** A whole value as indented JSON and a newline, with nothing in it that could steer a terminal. */
export function renderJsonDocument(value: object): string {
  const lines = JSON.stringify(value, null, 2).split('\n');
  return `${lines.map(escapeInvisible).join('\n')}\n`;
}

/** JSON.stringify leaves U+2028, DEL, bidirectional marks as they are: in JSON they can stand escaped. */
export function escapeInvisible(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
