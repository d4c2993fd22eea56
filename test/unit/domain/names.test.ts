import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../../src/core/domain/autossl-error.js';
import {
  isWildcard,
  nameBelow,
  parseDomainName,
  parseHostName,
  parseIpIdentifier,
  parseWildcardName,
  printable,
  quoteForMessage,
} from '../../../src/core/domain/name/names.js';
import { pathComponentOf } from '../../../src/core/domain/path-component.js';

const label63 = 'a'.repeat(63);
const name253 = `${label63}.${label63}.${label63}.${'b'.repeat(61)}`;

describe('parseDomainName takes', () => {
  test.each([
    ['a plain name', 'example.com', 'example.com'],
    ['upper case', 'ExAmPlE.COM', 'example.com'],
    ['a trailing dot', 'example.com.', 'example.com'],
    ['an IDN', 'bücher.example', 'xn--bcher-kva.example'],
    ['an IDN in upper case', 'BÜCHER.example', 'xn--bcher-kva.example'],
    ['an IDN with ideographic full stops', '例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['an A-label', 'XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['a label of digits that is not the last', '123.example', '123.example'],
    ['a label of 63 characters', `${label63}.example`, `${label63}.example`],
    ['a name of 253 characters', name253, name253],
    ['a key of every object', 'constructor.example', 'constructor.example'],
  ])('%s', (_, text, name) => {
    expect(parseDomainName(text)).toBe(name);
  });
});

describe('parseDomainName refuses', () => {
  test.each([
    ['nothing', ''],
    ['a dot', '.'],
    ['a single label', 'localhost'],
    ['a way up', '../etc/passwd'],
    ['a way up in a name', 'a/../b.example'],
    ['a newline', 'example.com\nevil.example'],
    ['a newline at the end', 'example.com\n'],
    ['a tab, which URL parsers drop', 'exam\tple.com'],
    ['a semicolon', 'example.com;reboot'],
    ['a NUL', 'example.com\0'],
    ['a space', 'exam ple.com'],
    ['a percent escape, which URL parsers decode', 'ex%61mple.com'],
    ['300 characters', `${'a.'.repeat(148)}example`],
    ['10,000 characters', `${'é'.repeat(10_000)}.example`],
    ['a label of 64 characters', `${'a'.repeat(64)}.example`],
    ['an IDN whose A-label is longer than 63', `${'ü'.repeat(60)}x${'ö'.repeat(3)}.example`],
    ['__proto__', '__proto__'],
    ['an underscore', '_dmarc.example.com'],
    ['a hyphen first', '-a.example'],
    ['a hyphen last', 'a-.example'],
    ['an empty label', 'a..example'],
    ['two trailing dots', 'example.com..'],
    ['a wildcard', '*.example.com'],
    ['an inner star', 'a*.example.com'],
    ['a port', 'example.com:443'],
    ['a user part', 'root@example.com'],
    ['an IPv4 address', '192.0.2.1'],
    ['an IPv4 address in full-width digits', '１９２.０.２.１'],
    ['an IPv4 address with a dot', '192.0.2.1.'],
    ['an IPv6 address', '2001:db8::1'],
    ['an IPv6 address in brackets', '[2001:db8::1]'],
    ['a last label of digits', 'example.1'],
    ['a last label that URLs take for a number', 'example.0x4'],
    ['a full-width slash', 'a／b.example'],
    ['a shell variable', '$HOME.example'],
    ['a lone surrogate', '\ud800.example'],
  ])('%s', (_, text) => {
    expect(() => parseDomainName(text)).toThrow(UsageError);
  });

  test('with one printable line that quotes at most 100 characters', () => {
    const text = `\u001b[31m\u202e\n${'x'.repeat(500)}`;
    const message = (() => {
      try {
        return parseDomainName(text);
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message).toMatch(/^[^\p{Cc}\p{Cf}]{1,250}$/u);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.domain(),
  fc.tuple(fc.string({ unit: 'binary', maxLength: 5 }), fc.domain()).map(([a, b]) => a + b),
  fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }), fc.domain()).map((p) => p.join('.')),
);

describe('whatever parseDomainName is given', () => {
  test('its result is lower-case letters, digits and hyphens in labels, and cannot leave a folder', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = parsed(text);
        fc.pre(name !== undefined);
        expect(name).toMatch(
          /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
        );
        expect(name?.length).toBeLessThanOrEqual(253);
        expect(name).not.toContain('/');
        expect(name).not.toContain('..');
      }),
      { numRuns: 1000 },
    );
  });

  test('parsing its result again changes nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = parsed(text);
        fc.pre(name !== undefined);
        expect(parsed(name ?? '')).toBe(name);
      }),
      { numRuns: 1000 },
    );
  });

  test('a well-formed name in any case comes out as it is in lower case', () => {
    fc.assert(
      fc.property(fc.domain(), (text) => {
        expect(parseDomainName(text.toUpperCase())).toBe(text.toLowerCase());
      }),
    );
  });
});

describe('wildcards, addresses and path components', () => {
  test.each([
    ['a wildcard', '*.Example.com', '*.example.com'],
    ['a wildcard of an IDN', '*.bücher.example', '*.xn--bcher-kva.example'],
    ['a plain name', 'Example.com', 'example.com'],
  ])('parseHostName takes %s', (_, text, name) => {
    expect(parseHostName(text)).toBe(name);
  });
  test.each([
    ['a star alone', '*'],
    ['a star and a dot', '*.'],
    ['a wildcard of a top-level domain', '*.com'],
    ['two stars', '*.*.example.com'],
    ['a wildcard of 254 characters', `*.${name253.slice(1)}`],
    ['a way up behind the star', '*./../x.example'],
  ])('parseWildcardName refuses %s', (_, text) => {
    expect(() => parseWildcardName(text)).toThrow(UsageError);
  });
  test.each([
    ['IPv4', '192.0.2.1', '192.0.2.1'],
    ['IPv6 in the short form', '2001:DB8:0:0::1', '2001:db8::1'],
  ])('parseIpIdentifier gives %s', (_, text, address) => {
    expect(parseIpIdentifier(text)).toBe(address);
  });
  test('parseIpIdentifier refuses a name', () => {
    expect(() => parseIpIdentifier('example.com')).toThrow(UsageError);
  });
  test('a wildcard has a path component that no other name can have', () => {
    expect(pathComponentOf(parseHostName('*.example.com'))).toBe('_wildcard_.example.com');
    expect(() => parseHostName('_wildcard_.example.com')).toThrow(UsageError);
    expect(pathComponentOf(parseHostName('example.com'))).toBe('example.com');
  });
  test('the longest wildcards have file names that fit, each its own, always the same', () => {
    const long = (last: string): string =>
      `*.${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${last}`;
    const components = ['ccom', 'ccon', 'ccom'].map((last) => pathComponentOf(parseHostName(long(last))));
    for (const component of components)
      expect(component).toMatch(/^_wildcard_\.a{60}\.[a-d.]+~[0-9a-f]{32}$/);
    for (const component of components) expect(Buffer.byteLength(component)).toBeLessThanOrEqual(255);
    expect(components[0]).not.toBe(components[1]);
    expect(components[0]).toBe(components[2]);
    expect(() => parseHostName(components[0] ?? '')).toThrow(UsageError);
  });
  test('isWildcard tells them apart', () => {
    expect(['*.example.com', 'example.com'].map((text) => isWildcard(parseHostName(text)))).toEqual([
      true,
      false,
    ]);
  });
  test('nameBelow gives a name that parses to itself, or nothing when it is too long', () => {
    expect(nameBelow('www', parseDomainName('example.com'))).toBe('www.example.com');
    expect(nameBelow('www', parseDomainName(name253))).toBeUndefined();
  });
});

describe('outside text in messages', () => {
  test.each([
    ['escape sequences', '\u001b[2J', '\\u{1b}[2J'],
    ['direction marks', 'a\u202eb', 'a\\u{202e}b'],
    ['line separators', 'a\u2028b\nc', 'a\\u{2028}b\\u{a}c'],
    ['lone surrogates', '\udc00', '\\u{dc00}'],
    ['ordinary text is left alone', 'naïve – 例', 'naïve – 例'],
  ])('%s', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });
  test('a cut through a character shows the half as an escape', () => {
    expect(quoteForMessage(`${'x'.repeat(99)}😀😀`)).toBe(`“${'x'.repeat(99)}\\u{d83d}…”`);
  });
});

function parsed(text: string): string | undefined {
  try {
    return parseDomainName(text);
  } catch {
    return undefined;
  }
}
