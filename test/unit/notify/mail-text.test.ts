import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressed, mailText } from '../../../src/adapters/notify/mail/mail-text.js';
import { quotedPrintable } from '../../../src/adapters/notify/mail/quoted-printable.js';
import type { OutgoingMessage } from '../../../src/core/notice/outgoing-message.js';
import { aMessage } from '../../support/outgoing-message.js';
import { decodeQuotedPrintable } from '../../support/quoted-printable.js';

const FRAME = { from: 'autossl@host.test', to: 'root', hostname: 'host.test' };
const mail = (more: Partial<OutgoingMessage> = {}) => mailText(aMessage(more), FRAME);
const headOf = (text: string): string => text.split('\n\n')[0] ?? '';

describe('a mail', () => {
  test('has the headers that a program’s mail needs, and both bodies', () => {
    expect(mail()).toBe(`From: autossl@host.test
To: root
Subject: Two certificates of example.com
Date: Sun, 22 Nov 2026 01:02:03 +0000
Message-ID: <told-0123456789abcdef@host.test>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_told-0123456789abcdef"

--=_told-0123456789abcdef
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Two certificates were renewed.

--=_told-0123456789abcdef
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Two certificates were renewed.</p>

--=_told-0123456789abcdef--
`);
  });

  test('without HTML is plain text alone', () => {
    const text = mail({ html: '' });
    expect(headOf(text)).toContain('Content-Type: text/plain; charset=utf-8');
    expect(text).not.toContain('multipart');
  });

  test.each([
    ['a line feed', 'x\nBcc: everybody@example.com'],
    ['a carriage return', 'x\rBcc: everybody@example.com'],
    ['both and an empty line', 'x\r\n\r\nthe body'],
    ['a line separator', 'x\u2028Bcc: everybody@example.com'],
    ['an escape sequence', 'x\u001b[2J'],
    ['text that turns round', 'x\u202egpj.exe'],
  ])('with %s in its subject has no other header', (_, subject) => {
    const text = mail({ subject });
    expect(headOf(text).split('\n')).toHaveLength(headOf(mail()).split('\n').length);
    expect(text).not.toMatch(/^Bcc:/m);
    expect(text).not.toContain('\r');
    expect(headOf(text)).toMatch(/^[\n -~]*$/);
  });

  test('whose subject looks like an encoded word shows it as it was written', () => {
    const subject = '=?utf-8?Q?=0ABcc:_everybody@example.com?=';
    const [, word = ''] = /^Subject: (=\?utf-8\?B\?.*\?=(?:\n .*)*)$/m.exec(headOf(mail({ subject }))) ?? [];
    const words = [...word.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)].map(([, text = '']) => text);
    expect(words.map((text) => Buffer.from(text, 'base64').toString('utf8')).join('')).toBe(subject);
  });

  test('keeps a subject that is not ASCII, in encoded words', () => {
    const subject = 'Dienste von „server.example.com“: zwei Fehler und zwei ablaufende Zertifikate, 漢字';
    const head = headOf(mail({ subject }));
    expect(head).toMatch(/^[ -~\n]*$/);
    const words = [...head.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)].map(([word, text = '']) => ({ word, text }));
    expect(Math.max(...words.map(({ word }) => word.length))).toBeLessThanOrEqual(75);
    expect(words.map(({ text }) => Buffer.from(text, 'base64').toString('utf8')).join('')).toBe(subject);
  });

  test('cannot be ended, divided or steered by its bodies', () => {
    const text = 'one\r\n.\r\nMAIL FROM:<x@example.com>\r\n--=_told-0123456789abcdef--\n\u001b]0;title\u0007';
    const whole = mail({ text, html: text });
    expect(whole.split('\n').filter((line) => line.startsWith('--=_told'))).toHaveLength(3);
    expect(whole).not.toMatch(/^\.$/m);
    expect(whole).not.toContain('\u001b');
    expect(whole).not.toContain('\r');
  });
});

describe('quoted-printable', () => {
  test('never has a line that is too long for mail, and loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (text) => {
        const encoded = quotedPrintable(text);
        expect(encoded).toMatch(/^[\t\n -~]*$/);
        for (const line of encoded.split('\n')) {
          expect(line.length).toBeLessThanOrEqual(76);
          expect(line).not.toMatch(/[ \t]$/);
        }
        expect(decodeQuotedPrintable(encoded)).toBe(text);
      }),
    );
  });
});

test.each([
  ['From here on', '=46rom here on'],
  ['FAULT and Fromage', 'FAULT and Fromage'],
  ['.', '=2E'],
  ['blanks at the end  ', 'blanks at the end =20'],
  ['a=b', 'a=3Db'],
])('%j is written %j', (text, written) => expect(quotedPrintable(text)).toBe(written));

describe('an address', () => {
  test.each([
    ['root', null, 'root'],
    ['root', 'host.test', 'root@host.test'],
    ['bob@bücher.example', null, 'bob@xn--bcher-kva.example'],
    ['bob@example.com', 'host.test', 'bob@example.com'],
  ])('%s on %s is %s', (recipient, domain, written) => {
    expect(addressed(recipient, domain)).toBe(written);
  });
});
