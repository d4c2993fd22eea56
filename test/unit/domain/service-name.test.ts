import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/core/domain/autossl-error.js';
import { parseServiceName, SERVICE_NAMES } from '../../../src/core/domain/service/service-name.js';

test.each(SERVICE_NAMES)('%s is a service', (name) => {
  expect(parseServiceName(name)).toBe(name);
});

describe('what is no service', () => {
  test.each([
    ['courier', 'Use dovecot instead.'],
    ['courier-imapd', 'Use dovecot instead.'],
    ['imap', 'Use dovecot instead.'],
    ['POP3', 'Use dovecot instead.'],
    ['postfix', 'Use exim instead.'],
    ['pure-ftpd', 'Use ftp instead.'],
    ['cpsrvd', 'Use cpanel instead.'],
    ['nonsense', 'There are: cpanel, exim, dovecot, ftp.'],
    ['', 'There are: cpanel, exim, dovecot, ftp.'],
    ['mail_apns', 'There are: cpanel, exim, dovecot, ftp.'],
  ])('%s: it is told what to use', (text, advice) => {
    expect(thrownBy(() => parseServiceName(text))).toMatchObject({ code: 'BAD_ARGUMENT', advice });
  });

  test.each(['mail_apns', 'caldav_apns', 'carddav_apns'])(
    '%s is no longer supported, in one line',
    (text) => {
      expect(thrownBy(() => parseServiceName(text)).message).toMatch(
        /^“\w+” \(iOS .*\) is no longer supported: [^\n]*$/,
      );
    },
  );

  test('hostile text is escaped', () => {
    expect(thrownBy(() => parseServiceName('x\u001b[2J\n')).message).toBe(
      'there is no service “x\\u{1b}[2J\\u{a}”',
    );
  });
});

function thrownBy(act: () => unknown): UsageError {
  try {
    act();
  } catch (error) {
    if (error instanceof UsageError) return error;
  }
  throw new Error('nothing was thrown');
}
