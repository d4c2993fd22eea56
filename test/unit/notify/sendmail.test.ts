import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mailText, SendmailNotifier } from '../../../src/adapters/notify/sendmail.js';

const TO = 'root';

describe('a mail', () => {
  test('has the headers that a program’s mail needs, and the lines as its body', () => {
    expect(mailText(TO, { subject: 'Two errors', lines: ['one', '', 'two'] })).toBe(
      [
        'To: root',
        'Subject: Two errors',
        'Auto-Submitted: auto-generated',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: 8bit',
        '',
        'one',
        '',
        'two',
        '',
      ].join('\n'),
    );
  });

  test.each([
    ['a line feed', 'x\nBcc: everybody@example.com'],
    ['a carriage return', 'x\rBcc: everybody@example.com'],
    ['both and an empty line', 'x\r\n\r\nthe body'],
    ['a line separator', 'x\u2028Bcc: everybody@example.com'],
  ])('with %s in its subject or a line has no other header and no other line', (_, text) => {
    const mail = mailText(TO, { subject: text, lines: [text] });
    const [head = '', body = ''] = mail.split('\n\n');
    expect(head.split('\n')).toHaveLength(6);
    expect(head).not.toMatch(/^Bcc:/m);
    expect(body.trimEnd().split('\n')).toHaveLength(1);
    expect(mail).not.toContain('\r');
  });

  test('keeps a subject that is not ASCII, in encoded words', () => {
    const subject = 'Dienste von „server.example.com“: zwei Fehler und zwei ablaufende Zertifikate, 漢字';
    const head = mailText(TO, { subject, lines: [] }).split('\n\n')[0] ?? '';
    expect(head).toMatch(/^[ -~\n]*$/);
    const words = [...head.matchAll(/=\?utf-8\?B\?([^?]*)\?=/g)].map(([word, text = '']) => ({ word, text }));
    expect(Math.max(...words.map(({ word }) => word.length))).toBeLessThanOrEqual(75);
    expect(words.map(({ text }) => Buffer.from(text, 'base64').toString('utf8')).join('')).toBe(subject);
  });

  test('never has a line that is too long for mail, nor loses a word of one', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 2000 })), (lines) => {
        const body = mailText(TO, { subject: 's', lines }).split('\n').slice(7);
        for (const line of body) expect(Buffer.byteLength(line)).toBeLessThan(998);
        expect(body.join('').replaceAll(' ', '')).toBe(lines.join('').replaceAll(' ', ''));
      }),
    );
  });
});

describe('sendmail', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  function program(text: string): string {
    writeFileSync(at('sendmail'), `#!/bin/sh\n${text}\n`);
    chmodSync(at('sendmail'), 0o755);
    return at('sendmail');
  }
  const send = (path: string) =>
    new SendmailNotifier({ to: TO, program: path }).tell({ subject: 's', lines: ['l'] });

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-mail-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('reads the mail, and is told nothing but how to read it', async () => {
    const path = program(`printf '%s\\n' "$@" > '${at('words')}'; cat > '${at('mail')}'`);
    expect(await send(path)).toEqual({ ok: true });
    expect(readFileSync(at('words'), 'utf8')).toBe('-t\n-oi\n');
    expect(readFileSync(at('mail'), 'utf8')).toBe(mailText(TO, { subject: 's', lines: ['l'] }));
  });

  test('that refuses is a value, in its own words', async () => {
    const refused = await send(program('echo "no such user" >&2; exit 67'));
    expect(refused).toEqual({ ok: false, why: expect.stringMatching(/ended with code 67: no such user$/) });
  });

  test('that reads nothing and ends well has done its work', async () => {
    expect(await send(program('exit 0'))).toEqual({ ok: true });
  });

  test('that hangs is ended, and is a value', async () => {
    const path = program(`echo $$ > '${at('pid')}'; sleep 600`);
    const hanging = new SendmailNotifier({ to: TO, program: path }, 2_000);
    expect(await hanging.tell({ subject: 's', lines: ['l'] })).toEqual({
      ok: false,
      why: expect.stringContaining('did not end within 2 seconds'),
    });
    const pid = Number(readFileSync(at('pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('that is not there is a value', async () => {
    expect(await send(at('nowhere'))).toEqual({
      ok: false,
      why: expect.stringContaining('could not be started (there is no such program)'),
    });
  });
});
