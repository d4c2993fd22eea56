import { printable } from '../../../domain/name/names.js';

/** What a CA or a page said may be long; nobody reads more of it in a mail. In characters. */
const LONGEST_TEXT = 300;
/** A host name has no more. */
const LONGEST_NAME = 253;

/** A text of outside as one printable line that is not longer than somebody reads. */
export function line(text: string): string {
  const bare = text.replace(/\s+/g, ' ').trim();
  return printable(bare.length > LONGEST_TEXT ? `${cut(bare, LONGEST_TEXT)}…` : bare);
}

/** A host name; what only looks like one, by letters of other scripts, shows its code points. */
export function nameText(name: string): string {
  return cut(name, LONGEST_NAME).replace(
    /[^\u0021-\u007e]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** `9,950`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 website`, `9,950 websites`. */
export function numbered(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

/** As a sentence: with a full stop where it has none. */
export function sentence(text: string): string {
  return text === '' || /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Without half a character at its end. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
