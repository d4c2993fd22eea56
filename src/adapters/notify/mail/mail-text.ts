import { domainToASCII } from 'node:url';
import { printable } from '../../../core/domain/name/names.js';
import type { OutgoingMessage } from '../../../core/notice/outgoing-message.js';
import { quotedPrintable } from './quoted-printable.js';

/** A subject is one line that mail programs show whole, in characters. */
const LONGEST_SUBJECT = 180;
/** RFC 2047 section 2: an encoded word has at most 75 characters, of which its frame takes 12. */
const ENCODED_BYTES = 45;

export interface MailFrame {
  /** In the header `From`; null: whoever takes the mail writes it. */
  readonly from: string | null;
  /** As `inHeader` gives it. */
  readonly to: string;
  /** Of this server: the right half of the Message-ID. */
  readonly hostname: string;
}

/**
 * The whole mail (RFC 5322), lines ended by LF. Whatever the message holds, it has these headers and no others, and its bodies
 * are bodies. The Message-ID is the message's own: whoever gets it twice can know.
 */
export function mailText(message: OutgoingMessage, { from, to, hostname }: MailFrame): string {
  const headers = [
    ...(from === null ? [] : [`From: ${printable(from)}`]),
    `To: ${printable(to)}`,
    `Subject: ${headerText(subjectOf(message.subject))}`,
    `Date: ${new Date(message.createdAt).toUTCString().replace(/GMT$/, '+0000')}`,
    `Message-ID: <${message.id}@${hostname}>`,
    // RFC 3834: vacation programs do not answer.
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
  ];
  const plain = part('plain', message.text);
  if (message.html === '') return `${[...headers, ...plain].join('\n')}\n`;
  // RFC 2045 6.7: “=_” stands in no quoted-printable text.
  const boundary = `=_${message.id}`;
  return `${[
    ...headers,
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    ...plain,
    `--${boundary}`,
    ...part('html', message.html),
    `--${boundary}--`,
  ].join('\n')}\n`;
}

/** The address with its domain in A-labels; a local user, with the domain where one is given. */
export function addressed(recipient: string, domain: string | null): string {
  const [local = '', given] = recipient.split('@');
  if (given !== undefined) return `${local}@${domainToASCII(given) || given}`;
  return domain === null ? local : `${local}@${domain}`;
}

function part(kind: 'plain' | 'html', text: string): readonly string[] {
  return [
    `Content-Type: text/${kind}; charset=utf-8`,
    'Content-Transfer-Encoding: quoted-printable',
    '',
    quotedPrintable(withoutControls(text)),
  ];
}

function subjectOf(text: string): string {
  return [...printable(text)].slice(0, LONGEST_SUBJECT).join('');
}

/** Line feeds and tabs are all that a body needs. */
function withoutControls(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
}

/** ASCII as it is, anything else, and what looks like an encoded word, as encoded words of whole characters. */
function headerText(text: string): string {
  if (/^[ -~]*$/.test(text) && !text.includes('=?')) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > ENCODED_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\n ');
}
