import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { StartTlsConversation } from '../../../src/adapters/probe/starttls.js';
import type { StartTlsProtocol } from '../../../src/core/plan/served/server-site.js';

const PROTOCOLS = ['smtp', 'imap', 'pop3', 'ftp'] as const;

/** What comes out, turn by turn, of what a server sends; each element is one arrival. */
function turns(protocol: StartTlsProtocol, arrivals: readonly string[]): readonly string[] {
  const conversation = new StartTlsConversation(protocol);
  return arrivals.map((text) => {
    const turn = conversation.take(Buffer.from(text, 'latin1'));
    if (typeof turn === 'string') return turn;
    return 'say' in turn ? `> ${turn.say}` : turn.fault;
  });
}

describe('a conversation that ends in TLS', () => {
  test.each<[string, StartTlsProtocol, readonly string[], readonly string[]]>([
    [
      'SMTP, with several lines and cut anywhere',
      'smtp',
      [
        '220-mail.test\r\n220 ES',
        'MTP\r\n',
        '250-mail.test\r\n250-SIZE\r\n250-',
        'STARTTLS\r\n250 HELP\r\n',
        '220 go\r\n',
      ],
      ['more', '> EHLO localhost', 'more', '> STARTTLS', 'begin'],
    ],
    [
      'SMTP, with bare line feeds',
      'smtp',
      ['220\n', '250 STARTTLS\n', '220 go\n'],
      ['> EHLO localhost', '> STARTTLS', 'begin'],
    ],
    [
      'IMAP, with untagged lines between',
      'imap',
      ['* OK [CAPABILITY IMAP4rev1] hi\r\n', '* CAPABILITY STARTTLS\r\na OK begin\r\n'],
      ['> a STARTTLS', 'begin'],
    ],
    ['POP3', 'pop3', ['+OK hi\r\n', '+OK begin\r\n'], ['> STLS', 'begin']],
    [
      'FTP, whose greeting has lines without a code',
      'ftp',
      ['220---- Welcome\r\n 230 users\r\n220 ready\r\n', '234 go\r\n'],
      ['> AUTH TLS', 'begin'],
    ],
  ])('%s', (_, protocol, arrivals, expected) => {
    expect(turns(protocol, arrivals)).toEqual(expected);
  });
});

describe('a conversation that does not', () => {
  test.each<[string, StartTlsProtocol, readonly string[], string]>([
    [
      'SMTP does not offer it',
      'smtp',
      ['220 hi\r\n', '250-mail\r\n250 NOSTARTTLSHERE\r\n'],
      'STARTTLS_REFUSED',
    ],
    ['SMTP refuses it', 'smtp', ['220 hi\r\n', '250 STARTTLS\r\n', '502 no\r\n'], 'STARTTLS_REFUSED'],
    ['SMTP is too busy', 'smtp', ['421 later\r\n'], 'STARTTLS_NOT_READY'],
    [
      'SMTP has no TLS just now',
      'smtp',
      ['220 hi\r\n', '250 STARTTLS\r\n', '454 later\r\n'],
      'STARTTLS_NOT_READY',
    ],
    ['IMAP refuses it', 'imap', ['* OK hi\r\n', 'a BAD what\r\n'], 'STARTTLS_REFUSED'],
    ['IMAP has logged us in already', 'imap', ['* PREAUTH hi\r\n'], 'STARTTLS_REFUSED'],
    ['IMAP is too busy', 'imap', ['* BYE later\r\n'], 'STARTTLS_NOT_READY'],
    ['POP3 refuses it', 'pop3', ['+OK hi\r\n', '-ERR what\r\n'], 'STARTTLS_REFUSED'],
    ['POP3 is too busy', 'pop3', ['-ERR later\r\n'], 'STARTTLS_NOT_READY'],
    ['FTP refuses it', 'ftp', ['220 hi\r\n', '534 no\r\n'], 'STARTTLS_REFUSED'],
    ['FTP says yes with another code', 'ftp', ['220 hi\r\n', '200 fine\r\n'], 'STARTTLS_REFUSED'],
    ['SMTP is a web server', 'smtp', ['HTTP/1.1 400 Bad Request\r\n'], 'STARTTLS_GARBAGE'],
    ['IMAP is a mail server', 'imap', ['220 hi\r\n'], 'STARTTLS_GARBAGE'],
    ['IMAP answers another tag', 'imap', ['* OK hi\r\n', 'b OK\r\n'], 'STARTTLS_GARBAGE'],
    ['a line has no end', 'imap', ['* OK hi\r\n', 'x'.repeat(20_000)], 'STARTTLS_TOO_LONG'],
    ['lines have no end', 'ftp', ['220-hi\r\n', 'x\r\n'.repeat(9_000)], 'STARTTLS_TOO_LONG'],
    [
      'somebody puts text behind the answer',
      'smtp',
      ['220 hi\r\n', '250 STARTTLS\r\n', '220 go\r\n250 AUTH PLAIN\r\n'],
      'STARTTLS_INJECTED',
    ],
    ['… in IMAP', 'imap', ['* OK hi\r\n', 'a OK\r\n* PREAUTH\r\n'], 'STARTTLS_INJECTED'],
    ['… without a line end', 'pop3', ['+OK hi\r\n', '+OK\r\nx'], 'STARTTLS_INJECTED'],
    ['… in FTP', 'ftp', ['220 hi\r\n', '234 go\r\n230 in\r\n'], 'STARTTLS_INJECTED'],
    [
      'the server answers before it is asked',
      'smtp',
      ['220 hi\r\n250 STARTTLS\r\n220 go\r\n'],
      'STARTTLS_GARBAGE',
    ],
  ])('%s', (_, protocol, arrivals, fault) => {
    expect(turns(protocol, arrivals).at(-1)).toBe(fault);
  });

  test('any bytes, cut anywhere: never an exception, never more than is kept', () => {
    const bytes = fc.string({
      unit: fc.constantFrom('2', '5', '0', ' ', '-', '\r', '\n', '*', 'a', 'O', 'K', '+', '\0'),
    });
    fc.assert(
      fc.property(fc.constantFrom(...PROTOCOLS), fc.array(bytes, { maxLength: 30 }), (protocol, arrivals) => {
        const whole = turns(protocol, arrivals);
        expect(whole).toHaveLength(arrivals.length);
      }),
    );
  });
});
