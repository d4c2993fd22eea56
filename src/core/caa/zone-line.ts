import type { CaaRecord } from './observation.js';

/** What a message shows of a value or a name; longer ones are cut. */
const MAX_SHOWN = 200;

/** The record as a zone file has it (RFC 1035 section 5.1), in printable ASCII: nothing in it steers a terminal. */
export function zoneLine(owner: string, record: CaaRecord): string {
  return `${zoneText(owner)}. CAA ${recordData(record)}`;
}

/** The same for a message: what its owner made very long is cut. */
export function shownLine(owner: string, { flags, tag, value }: CaaRecord): string {
  return `${shownText(owner)}. CAA ${flags} ${shownText(tag)} "${shownText(value)}"`;
}

/** What stands behind the type: `0 issue "ca.example"`. */
export function recordData({ flags, tag, value }: CaaRecord): string {
  return `${flags} ${zoneText(tag)} "${zoneText(value)}"`;
}

/** A name or text of DNS for a message: as in a zone file, cut when it is very long. */
export function shownText(text: string): string {
  return text.length > MAX_SHOWN ? `${zoneText(text.slice(0, MAX_SHOWN))}…` : zoneText(text);
}

/** Octets that are not printable ASCII as `\DDD`. */
function zoneText(text: string): string {
  let escaped = '';
  for (const octet of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(octet);
    if (octet < 0x20 || octet > 0x7e) escaped += `\\${String(octet).padStart(3, '0')}`;
    else escaped += character === '"' || character === '\\' ? `\\${character}` : character;
  }
  return escaped;
}
