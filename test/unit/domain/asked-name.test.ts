import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../../src/core/domain/autossl-error.js';
import { parseAskedName } from '../../../src/core/domain/name/asked-name.js';

test.each<[string, string, string]>([
  ['as it is', 'shop.example.com', 'shop.example.com'],
  ['in capitals', 'Shop.EXAMPLE.com', 'shop.example.com'],
  ['with its final dot', 'shop.example.com.', 'shop.example.com'],
  ['with blanks around it', '  shop.example.com\n', 'shop.example.com'],
  ['in letters of its own language', 'bücher.example', 'xn--bcher-kva.example'],
  ['in capitals of its own language', 'BÜCHER.example', 'xn--bcher-kva.example'],
  ['as an A-label', 'xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['with the dots of another script', 'bücher。example', 'xn--bcher-kva.example'],
  ['as a URL', 'https://shop.example.com/cart?x=1#y', 'shop.example.com'],
  ['as a URL in capitals', 'HTTP://SHOP.example.COM', 'shop.example.com'],
  ['as a URL with a port', 'http://shop.example.com:8080/', 'shop.example.com'],
  ['as a URL with a user', 'https://me:secret@shop.example.com/', 'shop.example.com'],
  ['as a URL of an internationalised name', 'https://bücher.example/ä', 'xn--bcher-kva.example'],
  ['with a port', 'shop.example.com:443', 'shop.example.com'],
  ['with a path', 'shop.example.com/.well-known/', 'shop.example.com'],
  ['with a port and a path', 'shop.example.com:443/a/b', 'shop.example.com'],
  ['that is a wildcard', '*.Example.com.', '*.example.com'],
])('a name %s is understood', (_, typed, name) => {
  expect(parseAskedName(typed)).toBe(name);
});

test.each<[string, string, RegExp]>([
  ['nothing', '', /empty/],
  ['a single label', 'localhost', /single label/],
  ['an address', '192.0.2.1', /IP address/],
  ['an IPv6 address', '2001:db8::1', /not a domain name/],
  ['a URL of an address', 'http://192.0.2.1/', /IP address/],
  ['a mail address', 'me@example.com', /character/],
  ['a file', 'file:///etc/passwd', /not a URL/],
  ['another kind of URL', 'ftp://ftp.example.com/', /not a URL of a website/],
  ['a URL without a host', 'https:///', /not a URL/],
  ['an option of a shell', '-rf', /single label/],
  ['a name with an underscore', '_acme-challenge.example.com', /character/],
  ['two names', 'a.test b.test', /character/],
  ['a wildcard in the middle', 'a.*.example.com', /character/],
  ['what steers a terminal', '\u001b[31mred.test', /character/],
])('%s is refused', (_, typed, why) => {
  expect(() => parseAskedName(typed)).toThrow(UsageError);
  expect(() => parseAskedName(typed)).toThrow(why);
});

test('whatever is typed, the answer is a name in its normal form, or a refusal that can be printed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
      try {
        expect(parseAskedName(typed)).toMatch(/^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/);
      } catch (error) {
        expect((error as Error).name).toBe('UsageError');
        expect((error as Error).message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }
    }),
  );
});
