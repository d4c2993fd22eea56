import { describe, expect, test } from '@jest/globals';
import { judgeHostname, placeholderNameOf } from '../../../src/core/domain/name/hostname.js';

const PUBLIC = { isPublic: true };
const OWN = { isPublic: false };

describe('a hostname', () => {
  test.each([
    ['server.example.com', 'server.example.com'],
    ['Server.Example.COM', 'server.example.com'],
    ['server.example.com.', 'server.example.com'],
    ['panel.example.co.uk', 'panel.example.co.uk'],
    ['server.bücher.de', 'server.xn--bcher-kva.de'],
  ])('%s can be certified, as %s', (text, name) => {
    expect(judgeHostname(text, PUBLIC)).toEqual({ isUsable: true, name });
  });

  test.each([
    ['nothing at all', '', 'HOSTNAME_EMPTY'],
    ['blanks', '  ', 'HOSTNAME_EMPTY'],
    ['an IPv4 address', '192.0.2.1', 'HOSTNAME_IS_ADDRESS'],
    ['an IPv6 address', '2001:db8::1', 'HOSTNAME_IS_ADDRESS'],
    ['a single label', 'server', 'HOSTNAME_NOT_QUALIFIED'],
    ['localhost', 'localhost', 'HOSTNAME_NOT_QUALIFIED'],
    ['a single label with a dot behind it', 'server.', 'HOSTNAME_NOT_QUALIFIED'],
    ['an underscore', 'my_server.example.com', 'HOSTNAME_INVALID'],
    ['a path', '../../etc/passwd.example.com', 'HOSTNAME_INVALID'],
    ['a name of multicast DNS', 'server.local', 'HOSTNAME_LOCAL'],
    ['the installer’s own domain', 'localhost.localdomain', 'HOSTNAME_LOCAL'],
    ['a name that no DNS has', 'server.invalid', 'HOSTNAME_LOCAL'],
    ['a name of a private network', 'server.internal', 'HOSTNAME_PRIVATE'],
    ['a name at home', 'nas.home.arpa', 'HOSTNAME_PRIVATE'],
    ['a name of the office', 'mail.corp', 'HOSTNAME_PRIVATE'],
    ['a name of tests', 'server.test', 'HOSTNAME_PRIVATE'],
  ])('that is %s gets no certificate of a public authority', (_, text, code) => {
    const verdict = judgeHostname(text, PUBLIC);
    expect(verdict).toMatchObject({ isUsable: false, code });
    const message = verdict.isUsable ? '' : verdict.message;
    expect(message).toMatch(/server\.example\.com\.$/);
    expect(message.split('\n')).toHaveLength(1);
  });

  test('of a private network may be certified by an authority of its own', () => {
    expect(judgeHostname('server.internal', OWN)).toMatchObject({ isUsable: true });
    expect(judgeHostname('server.test', OWN)).toMatchObject({ isUsable: true });
    expect(judgeHostname('server.local', OWN)).toMatchObject({ isUsable: false, code: 'HOSTNAME_LOCAL' });
  });

  test('that ends like a reserved domain and is under none is fine', () => {
    expect(judgeHostname('server.mylocal', PUBLIC)).toMatchObject({ isUsable: true });
  });

  test('that would steer a terminal is shown escaped', () => {
    const verdict = judgeHostname('a\u001b[31m.example.com', PUBLIC);
    expect(verdict).toMatchObject({ message: expect.stringContaining('\\u{1b}') });
  });

  test.each([
    ['server.example.com', 'server.example.com'],
    ['server.local', 'server.local'],
    ['server', 'server.localdomain'],
    ['', 'localhost.localdomain'],
    ['192.0.2.1', 'localhost.localdomain'],
    ['my_server', 'localhost.localdomain'],
  ])('“%s” has a self-signed certificate for %s', (text, name) => {
    expect(placeholderNameOf(text)).toBe(name);
  });
});
