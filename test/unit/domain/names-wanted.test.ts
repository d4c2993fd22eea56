import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDomainName, parseHostName } from '../../../src/core/domain/name/names.js';
import { type AccountDomains, namesWanted } from '../../../src/core/domain/name/names-wanted.js';

/** alice: example.com, addon.example (website addon.example.com), alias.example, subdomain shop.example.com. */
const alice: AccountDomains = {
  primary: parseDomainName('example.com'),
  addons: new Set(['addon.example']),
  parked: new Set(['alias.example']),
  subdomains: new Set(['addon.example.com', 'shop.example.com']),
  serviceLabels: [],
  heldBy: () => null,
};
const wanted = (servername: string, aliases: readonly string[], account: Partial<AccountDomains> = {}) =>
  namesWanted({ servername: parseHostName(servername), aliases }, { ...alice, ...account });
const namesOf = (...args: Parameters<typeof wanted>) =>
  wanted(...args).candidates.map(({ name }) => name as string);

describe('names wanted', () => {
  test.each([
    [
      'the main domain has www and mail',
      ['example.com', []],
      ['example.com', 'www.example.com', 'mail.example.com'],
    ],
    [
      'names that the data has already come once',
      ['example.com', ['mail.example.com', 'www.example.com', 'EXAMPLE.com.']],
      ['example.com', 'www.example.com', 'mail.example.com'],
    ],
    [
      'a subdomain has www and no mail',
      ['shop.example.com', []],
      ['shop.example.com', 'www.shop.example.com'],
    ],
    [
      'an alias domain counts three times',
      ['example.com', ['alias.example']],
      [
        'example.com',
        'www.example.com',
        'mail.example.com',
        'alias.example',
        'www.alias.example',
        'mail.alias.example',
      ],
    ],
    [
      'an addon domain lives on its automatic subdomain’s website',
      [
        'addon.example.com',
        ['addon.example', 'mail.addon.example', 'www.addon.example', 'www.addon.example.com'],
      ],
      [
        'addon.example.com',
        'www.addon.example.com',
        'addon.example',
        'www.addon.example',
        'mail.addon.example',
      ],
    ],
    [
      'ipv6 comes only if the data has it',
      ['example.com', ['ipv6.example.com']],
      ['example.com', 'www.example.com', 'mail.example.com', 'ipv6.example.com'],
    ],
    [
      'a wildcard website wants the wildcard and nothing derived',
      ['*.example.com', ['www.*.example.com']],
      ['*.example.com'],
    ],
    [
      'a wildcard alias stands beside the others',
      ['shop.example.com', ['*.shop.example.com']],
      ['shop.example.com', 'www.shop.example.com', '*.shop.example.com'],
    ],
    [
      'an alias that no list knows counts as an alias domain',
      ['example.com', ['other.example']],
      [
        'example.com',
        'www.example.com',
        'mail.example.com',
        'other.example',
        'www.other.example',
        'mail.other.example',
      ],
    ],
    [
      'an unlisted alias below one of the domains counts as a subdomain',
      ['example.com', ['a.b.alias.example']],
      ['example.com', 'www.example.com', 'mail.example.com', 'a.b.alias.example', 'www.a.b.alias.example'],
    ],
    [
      'a subdomain of its own called webmail is a subdomain',
      ['webmail.example.com', [], { subdomains: new Set(['webmail.example.com']) }],
      ['webmail.example.com', 'www.webmail.example.com'],
    ],
    [
      'an IDN becomes its A-label',
      ['xn--bcher-kva.example', ['bücher.example'], { primary: parseDomainName('bücher.example') }],
      ['xn--bcher-kva.example', 'www.xn--bcher-kva.example', 'mail.xn--bcher-kva.example'],
    ],
  ] as [string, Parameters<typeof wanted>, string[]][])('%s', (_, given, names) => {
    expect(namesOf(...given)).toEqual(names);
  });

  test('service names come last, for main, addon and alias domains and never for subdomains', () => {
    const serviceLabels = ['cpanel', 'webmail'];
    expect(namesOf('example.com', ['alias.example', 'x.example.com'], { serviceLabels }).slice(8)).toEqual([
      'cpanel.example.com',
      'webmail.example.com',
      'cpanel.alias.example',
      'webmail.alias.example',
    ]);
    expect(namesOf('shop.example.com', [], { serviceLabels })).toEqual([
      'shop.example.com',
      'www.shop.example.com',
    ]);
    expect(
      wanted('example.com', [], { serviceLabels }).candidates.filter(({ isService }) => isService),
    ).toHaveLength(2);
  });

  test('standing: primary and addon pass to their own www and mail only', () => {
    const standings = wanted(
      'addon.example.com',
      ['addon.example', 'example.com', 'ipv6.example.com', 'alias.example'],
      {
        serviceLabels: ['cpanel'],
      },
    ).candidates.map(({ name, standing }) => `${name} ${standing}`);
    expect(standings).toEqual([
      'addon.example.com other',
      'www.addon.example.com other',
      'addon.example addon',
      'www.addon.example addon',
      'mail.addon.example addon',
      'example.com primary',
      'www.example.com primary',
      'mail.example.com primary',
      'ipv6.example.com primary',
      'alias.example other',
      'www.alias.example other',
      'mail.alias.example other',
      'cpanel.addon.example other',
      'cpanel.example.com other',
      'cpanel.alias.example other',
    ]);
  });

  test.each([
    ['a way up', '../x'],
    ['a newline', 'a.example\nb.example'],
    ['a semicolon', 'a.example;id'],
    ['a NUL', 'a.example\0'],
    ['300 characters', `${'a'.repeat(50)}.`.repeat(6)],
    ['__proto__', '__proto__'],
    ['an address', '192.0.2.1'],
  ])('a name with %s costs itself and nothing else', (_, text) => {
    const { candidates, refused } = wanted('shop.example.com', [text, 'ok.shop.example.com']);
    expect(candidates.map(({ name }) => name)).toEqual([
      'shop.example.com',
      'www.shop.example.com',
      'ok.shop.example.com',
      'www.ok.shop.example.com',
    ]);
    expect(refused.map(({ code }) => code)).toEqual(['NAME_INVALID']);
    expect(refused[0]?.why).toMatch(/^[^\p{Cc}]+$/u);
  });

  test('a name too long for www before it goes without', () => {
    const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`;
    expect(name.length).toBe(251);
    expect(namesOf(name, [], { subdomains: new Set([name]) })).toEqual([name]);
  });

  test('of names held elsewhere, only another account’s written ones are reported', () => {
    const { candidates, refused } = wanted(
      'example.com',
      ['alias.example', 'mail.other.example', 'shop.example.com'],
      {
        heldBy: (name) => {
          if (name === 'mail.example.com' || name === 'shop.example.com') return 'website-of-same-account';
          return name.endsWith('alias.example') || name.endsWith('other.example') ? 'other-account' : null;
        },
      },
    );
    expect(candidates.map(({ name }) => name)).toEqual(['example.com', 'www.example.com']);
    expect(refused).toEqual([
      { code: 'NAME_TAKEN', why: 'alias.example belongs to another account of this server' },
    ]);
  });

  test('whatever the aliases are, the result has no duplicate, no held name, and is the same again', () => {
    const alias = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        'www.example.com',
        'mail.alias.example',
        '*.example.com',
        'bob.example',
        'www.bob.example',
      ),
      fc.domain(),
    );
    fc.assert(
      fc.property(fc.array(alias, { maxLength: 12 }), (aliases) => {
        const account = {
          serviceLabels: ['cpanel'],
          heldBy: (name: string) => (name.endsWith('bob.example') ? ('other-account' as const) : null),
        };
        const names = namesOf('example.com', aliases, account);
        expect(new Set(names).size).toBe(names.length);
        expect(names.filter((name) => name.endsWith('bob.example'))).toEqual([]);
        expect(namesOf('example.com', aliases, account)).toEqual(names);
        for (const name of names) expect(parseHostName(name)).toBe(name);
      }),
    );
  });
});
