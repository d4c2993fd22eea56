import { DerError } from '../der.js';

/** One `-----BEGIN X-----` … `-----END X-----` block (RFC 7468, RFC 1421 headers taken). */
export interface PemBlock {
  readonly label: string;
  /** Headers such as `Proc-Type`; empty for nearly all. */
  readonly headers: string;
  /** Base64, with its line ends. */
  readonly body: string;
  /** False when its end line is missing or names something else. */
  readonly isComplete: boolean;
}

const DASHES = '-----';
const BEGIN = '-----BEGIN ';
const END = 'END ';

/** No label that anybody writes is longer. */
const MAX_LABEL_LENGTH = 64;

/**
 * All blocks of a text, in order. Whatever stands between them (comments, Bag Attributes, other text), line ends of any
 * kind and indentation do not matter. Linear in the text's length; never throws.
 */
export function splitPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let at = text.indexOf(BEGIN);
  while (at !== -1) {
    const labelStart = at + BEGIN.length;
    const labelEnd = text.indexOf(DASHES, labelStart);
    if (labelEnd === -1) break;
    const label = text.slice(labelStart, labelEnd);
    if (label.length > MAX_LABEL_LENGTH || /[\r\n]/.test(label)) {
      at = text.indexOf(BEGIN, labelStart);
      continue;
    }
    const contentStart = labelEnd + DASHES.length;
    const contentEnd = text.indexOf(DASHES, contentStart);
    const content = text.slice(contentStart, contentEnd === -1 ? text.length : contentEnd);
    const isComplete =
      contentEnd !== -1 && text.startsWith(`${END}${label}${DASHES}`, contentEnd + DASHES.length);
    blocks.push({ label, ...divide(content), isComplete });
    if (contentEnd === -1) break;
    at = text.indexOf(BEGIN, contentEnd);
  }
  return blocks;
}

/** The bytes of a block. @throws DerError when it is cut off, empty or not base64 */
export function decodePem(block: PemBlock): Uint8Array {
  if (!block.isComplete) throw new DerError('its end line is missing');
  if (/[^A-Za-z0-9+/=\s]/.test(block.body)) throw new DerError('it is not base64');
  const bytes = Buffer.from(block.body, 'base64');
  if (bytes.length === 0) throw new DerError('it is empty');
  return bytes;
}

/** The block that node and every server read back: 64 columns, line feeds. */
export function encodePem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** RFC 1421: headers (they have a colon, base64 has none) end at an empty line. */
function divide(content: string): { headers: string; body: string } {
  const colon = content.indexOf(':');
  if (colon === -1) return { headers: '', body: content };
  const gap = /\r?\n[ \t]*\r?\n/.exec(content.slice(colon));
  if (gap === null) return { headers: content, body: '' };
  const bodyStart = colon + gap.index;
  return { headers: content.slice(0, bodyStart), body: content.slice(bodyStart) };
}
