import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { groupSites } from '../../../src/core/plan/adoption/adoption-groups.js';
import { aSite, tlsSite } from '../../support/server-sites.js';

const namesOf = (sites: Parameters<typeof groupSites>[0]): string[][] =>
  groupSites(sites).groups.map(({ vhost, aliases }) => [vhost, ...aliases]);
const skippedOf = (sites: Parameters<typeof groupSites>[0]): Record<string, string> =>
  Object.fromEntries(groupSites(sites).skipped.map(({ name, why }) => [name ?? '-', why]));

describe('the websites of a server’s sites', () => {
  test.each<[string, Parameters<typeof groupSites>[0], string[][]]>([
    [
      'the same names on 80 and 443 are one website',
      [aSite(['a.test', 'www.a.test'], '/a'), tlsSite(['a.test', 'www.a.test'], '/a')],
      [['a.test', 'www.a.test']],
    ],
    [
      'the site that visitors get with TLS says what the website is called',
      [aSite(['www.a.test', 'a.test'], '/a'), tlsSite(['a.test', 'www.a.test'], '/a')],
      [['a.test', 'www.a.test']],
    ],
    [
      'one redirect for everybody joins nobody',
      [aSite(['a.test', 'b.test'], null), tlsSite(['a.test'], '/a'), tlsSite(['b.test'], '/b')],
      [['a.test'], ['b.test']],
    ],
    [
      'one plain site for everybody with a document root joins nobody that has its own',
      [aSite(['a.test', 'b.test'], '/var/www/html'), tlsSite(['a.test'], '/a'), tlsSite(['b.test'], '/b')],
      [['a.test'], ['b.test']],
    ],
    [
      'a proxy with TLS takes the document root of the plain site of its name',
      [tlsSite(['a.test'], null), aSite(['a.test'], '/a')],
      [['a.test']],
    ],
    [
      'sites of one document root that share a name are one website',
      [tlsSite(['a.test'], '/a'), aSite(['a.test', 'www.a.test', 'a.org'], '/a')],
      [['a.test', 'www.a.test', 'a.org']],
    ],
    [
      'www in a site of its own with the same document root is an alias',
      [tlsSite(['www.a.test'], '/a'), tlsSite(['a.test'], '/a')],
      [['a.test', 'www.a.test']],
    ],
    [
      'www in a site of its own with another document root is a website',
      [tlsSite(['www.a.test'], '/w'), tlsSite(['a.test'], '/a')],
      [['www.a.test'], ['a.test']],
    ],
    [
      'websites come in the order of the configuration',
      [aSite(['c.test'], '/c'), tlsSite(['a.test'], '/a'), aSite(['b.test'], '/b')],
      [['c.test'], ['a.test'], ['b.test']],
    ],
    [
      'a name in a site for a whole domain is the exact ones',
      [tlsSite(['a.test', '*.a.test', '~^x', 'mail.*'], '/a')],
      [['a.test']],
    ],
    ['names are taken in their normal form', [tlsSite(['münchen.test'], '/a')], [['xn--mnchen-3ya.test']]],
    ['a server without sites has no websites', [], []],
  ])('%s', (_, sites, expected) => {
    expect(namesOf(sites)).toEqual(expected);
  });

  test.each<[string, string, string]>([
    ['a regular expression', '~^(?<x>.+)\\.test$', 'a regular expression'],
    ['a wildcard', '*.a.test', 'proved over DNS only'],
    ['a trailing wildcard', 'a.*', 'a pattern'],
    ['a pattern of Apache', 'a?.test', 'a pattern'],
    ['an address', '192.0.2.1', 'an IP address'],
    ['an IPv6 address', '[2001:db8::1]', 'an IP address'],
    ['localhost', 'localhost', 'no public name'],
    ['what distributions call this machine', 'localhost.localdomain', 'no public name'],
    ['a single label', 'intranet', 'no public name'],
    ['shell characters', '$(reboot).a.test', 'is not a domain name'],
    ['a control character', 'a\u001b[31m.test', '\\u{1b}'],
    ['an underscore', 'a_b.test', 'is not a domain name'],
  ])('leaves out %s and says why', (_, name, why) => {
    const { groups, skipped } = groupSites([tlsSite([name], '/a')]);
    expect(groups).toEqual([]);
    expect(skipped).toEqual([
      { name, why: expect.stringContaining(why), file: '/f', line: expect.any(Number) },
    ]);
  });

  test('a name whose sites have no document root is left out, its www where it comes by itself', () => {
    const sites = [
      tlsSite(['a.test'], '/a'),
      aSite(['www.a.test', 'old.test'], null),
      tlsSite(['proxied.test'], null),
    ];
    expect(skippedOf(sites)).toEqual({
      'www.a.test': 'it comes with a.test by itself',
      'old.test': expect.stringContaining('no document root'),
      'proxied.test': expect.stringContaining('no document root'),
    });
  });

  test('the default site has no name', () => {
    expect(skippedOf([aSite([], '/var/www/html')])).toEqual({ '-': 'it has no name of its own' });
  });

  test('a name in two sites of one socket, and a second document root, are told', () => {
    const sites = [
      tlsSite(['a.test'], '/a', { line: 1 }),
      tlsSite(['a.test'], '/other', { line: 2 }),
      aSite(['a.test'], '/var/www/html', { line: 3 }),
    ];
    expect(groupSites(sites).groups[0]?.notes).toEqual([
      'a.test has another document root, /other, at /f:2',
      'a.test has another document root, /var/www/html, at /f:3',
      'a.test is in two sites at port 443: /f:1 is used, /f:2 is not',
    ]);
  });
});

describe('whatever the sites', () => {
  const name = fc.constantFrom(
    'a.test',
    'www.a.test',
    'b.test',
    'www.b.test',
    'x.a.test',
    '*.a.test',
    '~x',
    'lo',
  );
  const root = fc.constantFrom('/a', '/b', null);
  const site = fc
    .tuple(fc.array(name, { maxLength: 4 }), root, fc.boolean())
    .map(([names, documentRoot, isTls]) => (isTls ? tlsSite : aSite)(names, documentRoot));

  test('every name is in one website, or left out, and no other appears', () => {
    fc.assert(
      fc.property(fc.array(site, { maxLength: 6 }), (sites) => {
        const { groups, skipped } = groupSites(sites);
        const grouped = groups.flatMap(({ vhost, aliases }) => [vhost as string, ...aliases]);
        const left = skipped.flatMap(({ name }) => name ?? []);
        expect(new Set(grouped).size).toBe(grouped.length);
        expect([...grouped, ...left].sort()).toEqual(
          [...new Set(sites.flatMap(({ names }) => names))].sort(),
        );
      }),
    );
  });

  test('a website has the document root of a site that has its name', () => {
    fc.assert(
      fc.property(fc.array(site, { maxLength: 6 }), (sites) => {
        for (const { vhost, documentRoot } of groupSites(sites).groups) {
          const roots = sites.filter(({ names }) => names.includes(vhost)).map((one) => one.documentRoot);
          expect(roots).toContain(documentRoot);
        }
      }),
    );
  });
});
