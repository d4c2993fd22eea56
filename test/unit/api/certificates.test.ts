import { describe, expect, test } from '@jest/globals';
import { callFunction } from '../../../src/api/answer.js';
import type { WhmHost } from '../../../src/api/whm/host.js';
import { WHM_FUNCTIONS } from '../../../src/api/whm/tables/table.js';

const HUGE = 'x'.repeat(5 * 1024 * 1024);
const LARGE = 'x'.repeat(300 * 1024);

/** Every part of the server that is asked for is a fault of the test. */
const untouchable = new Proxy({} as WhmHost, {
  get: (_, name) => () => {
    throw new Error(`not expected: ${String(name)}`);
  },
});

async function reasonOf(name: string, ...words: string[]): Promise<string> {
  const called = WHM_FUNCTIONS.find((one) => one.name === name);
  if (called === undefined) throw new Error(`there is no ${name}`);
  const end = await callFunction(called, { words, input: null }, untouchable);
  return end.isDone ? 'done' : end.reason;
}

describe('texts that are too long for what they should be are refused before the server is looked at', () => {
  test.each([
    ['installssl', 'crt', ['domain=a.test', 'key=k']],
    ['installssl', 'key', ['domain=a.test', 'crt=c']],
    ['installssl', 'cab', ['domain=a.test', 'crt=c', 'key=k']],
    ['install_service_ssl_certificate', 'crt', ['service=exim', 'key=k']],
    ['install_service_ssl_certificate', 'key', ['service=exim', 'crt=c']],
    ['install_service_ssl_certificate', 'cabundle', ['service=exim', 'crt=c', 'key=k']],
    ['enqueue_deferred_ssl_installations', 'crt', ['username=a', 'vhost_name=a.test', 'key=k']],
  ])('%s: %s', async (name, parameter, words) => {
    for (const value of [HUGE, LARGE]) {
      const reason = await reasonOf(name, ...words, `${parameter}=${value}`);
      expect(reason).toMatch(new RegExp(`^The value of “${parameter}” is longer than \\d+ characters`));
    }
  });
});

describe('what cannot be meant is refused before the server is looked at', () => {
  test.each([
    ['installssl', ['crt=c', 'key=k'], 'The parameter “domain” is required.'],
    ['installssl', ['domain=../etc', 'crt=c', 'key=k'], '“../etc” is not a domain name'],
    ['install_service_ssl_certificate', ['service=imap', 'crt=c', 'key=k'], 'Use dovecot instead.'],
    ['install_service_ssl_certificate', ['service=mail_apns', 'crt=c', 'key=k'], 'is no longer supported'],
    ['reset_service_ssl_certificate', ['service=nonsense'], 'There are: cpanel, exim, dovecot, ftp.'],
    ['restartservice', ['service=httpd'], 'there is no service “httpd”'],
    ['delete_ssl_vhost', ['host=a b'], 'is not a domain name'],
    ['listcrts', ['registered=yes'], 'must be 1 or 0'],
  ])('%s %j', async (name, words, reason) => {
    expect(await reasonOf(name, ...words)).toContain(reason);
  });
});
