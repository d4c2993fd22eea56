import { expect, test } from '@jest/globals';
import { parseDnsServer } from '../../../src/core/domain/dns-server.js';

test.each([
  ['an IPv4 address alone means port 53', '192.0.2.1', '192.0.2.1', 53],
  ['an IPv4 address with a port', '127.0.0.1:5353', '127.0.0.1', 5353],
  ['an IPv6 address alone', '2001:db8::1', '2001:db8::1', 53],
  ['an IPv6 address in brackets with a port', '[2001:db8::1]:5353', '2001:db8::1', 5353],
  ['an IPv6 address in brackets', '[::1]', '::1', 53],
  ['a link-local address with its interface, as resolv.conf may have it', 'fe80::1%eth0', 'fe80::1%eth0', 53],
])('%s', (_what, text, address, port) => {
  expect(parseDnsServer(text)).toEqual({ address, port });
});

test.each([
  '',
  'ns.example.com',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '127.0.0.1:x',
  '::1:53:',
  '[::1',
  '1.2.3',
])('“%s” is no DNS server', (text) => {
  expect(() => parseDnsServer(text)).toThrow(expect.objectContaining({ code: 'BAD_SETTING' }));
});
