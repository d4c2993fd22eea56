import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ServedDirectory, whereServed } from '../../../src/core/plan/served/served-places.js';
import { matchesWildcards } from '../../../src/core/plan/served/server-name.js';
import type { ServerSite, SiteListen } from '../../../src/core/plan/served/server-site.js';

function listen(address: string, port = 443, more: Partial<SiteListen> = {}): SiteListen {
  return { address, port, isTls: true, isDefault: false, wantsProxyHeader: false, ...more };
}

let line = 0;
function site(
  names: readonly string[],
  listens: readonly SiteListen[],
  more: Partial<ServerSite> = {},
): ServerSite {
  line++;
  return {
    server: 'nginx',
    names,
    isDefault: false,
    listens,
    certificates: [],
    documentRoot: null,
    file: '/f',
    line,
    ...more,
  };
}

const ANY = [listen('0.0.0.0')];

function chosen(name: string, sites: readonly ServerSite[]): number {
  const [place] = whereServed([name], sites).places;
  return place === undefined ? -1 : sites.indexOf(place.site);
}

describe('nginx chooses for a name', () => {
  const sites = [
    site(['~^w.*\\.a\\.test$'], ANY),
    site(['www.*'], ANY),
    site(['www.a.*'], ANY),
    site(['*.test'], ANY),
    site(['*.a.test'], ANY),
    site(['www.a.test'], ANY),
    site(['~^(?P<x>.+)\\.expr$'], ANY),
    site(['~[broken('], ANY),
  ];
  test.each([
    ['its own name before all', 'www.a.test', 5],
    ['the longest leading wildcard', 'x.a.test', 4],
    ['a leading wildcard over several labels', 'x.y.b.test', 3],
    ['the longest trailing wildcard', 'www.a.org', 2],
    ['a shorter trailing wildcard', 'www.b.org', 1],
    ['an expression last', 'some.expr', 6],
    ['nothing for a name that none has', 'nobody.org', -1],
  ])('%s', (_, name, expected) => {
    expect(chosen(name, sites)).toBe(expected);
  });
});

describe('Apache chooses for a name', () => {
  const apache = { server: 'apache' } as const;
  const sites = [
    site(['a.test', 'b?.test'], ANY, apache),
    site(['*.test'], ANY, apache),
    site(['own.test'], ANY, apache),
    site(['own.org'], ANY, apache),
  ];
  test.each([
    ['the first that has it', 'a.test', 0],
    ['a question mark for one character', 'b1.test', 0],
    ['an earlier wildcard before its own name', 'own.test', 1],
    ['its own name', 'own.org', 3],
    ['nothing for a name that none has', 'nobody.org', -1],
  ])('%s', (_, name, expected) => {
    expect(chosen(name, sites)).toBe(expected);
  });
});

describe('a website is asked for', () => {
  const at = (
    sites: readonly ServerSite[],
    names = ['a.test'],
    own: readonly string[] = ['192.0.2.1', '2001:db8::1'],
  ) => whereServed(names, sites, own).places.map(({ name, address, port }) => `${name} ${address} ${port}`);

  test.each<[string, readonly ServerSite[], readonly string[]]>([
    ['at the loopback address when it listens everywhere', [site(['a.test'], ANY)], ['a.test 127.0.0.1 443']],
    [
      'at both families',
      [site(['a.test'], [listen('0.0.0.0'), listen('::')])],
      ['a.test 127.0.0.1 443', 'a.test ::1 443'],
    ],
    ['at ::1 when it has IPv6 only', [site(['a.test'], [listen('::', 8443)])], ['a.test ::1 8443']],
    ['at its own address', [site(['a.test'], [listen('198.51.100.7')])], ['a.test 198.51.100.7 443']],
    [
      'at an address of the server when another site has the loopback one',
      [site(['b.test'], [listen('127.0.0.1')]), site(['a.test'], [listen('*')])],
      ['a.test 192.0.2.1 443'],
    ],
    ['nowhere without TLS', [site(['a.test'], [listen('0.0.0.0', 80, { isTls: false })])], []],
    [
      'nowhere behind a PROXY protocol',
      [site(['a.test'], [listen('0.0.0.0', 443, { wantsProxyHeader: true })])],
      [],
    ],
    [
      'nowhere when only a default site would answer',
      [site(['b.test'], [listen('*', 443, { isDefault: true })])],
      [],
    ],
  ])('%s', (_, sites, expected) => {
    expect(at(sites)).toEqual(expected);
  });

  test('once for each site, by the first of its names there', () => {
    const sites = [site(['a.test', 'www.a.test'], ANY), site(['mail.a.test'], ANY)];
    const { places, namesWithoutSite } = whereServed(
      ['www.a.test', 'a.test', 'mail.a.test', 'ftp.a.test'],
      sites,
    );
    expect(places.map(({ name, site: found }) => [name, sites.indexOf(found)])).toEqual([
      ['www.a.test', 0],
      ['mail.a.test', 1],
    ]);
    expect(namesWithoutSite).toEqual(['ftp.a.test']);
  });

  test('by every name where the certificate is chosen by name', () => {
    const certificates = [
      { certificateFile: '/$ssl_server_name', keyFile: '/$ssl_server_name', isVariable: true },
    ];
    expect(at([site(['*.a.test', 'a.test'], ANY, { certificates })], ['a.test', 'www.a.test'])).toEqual([
      'a.test 127.0.0.1 443',
      'www.a.test 127.0.0.1 443',
    ]);
  });

  test('by a name that nobody uses for a wildcard', () => {
    expect(at([site(['*.a.test'], ANY)], ['*.a.test'])).toEqual(['autossl-probe.a.test 127.0.0.1 443']);
  });

  test('at places of sites that have the name, whatever the configuration', () => {
    const name = fc.constantFrom('a.test', 'b.test', '*.test', 'www.*', '~^a', 'c.test');
    const address = fc.constantFrom('*', '0.0.0.0', '::', '127.0.0.1', '192.0.2.1', '::1');
    const anySite = fc
      .record({
        names: fc.array(name, { maxLength: 3 }),
        listens: fc.array(
          fc.record({
            address,
            port: fc.constantFrom(443, 8443),
            isTls: fc.boolean(),
            isDefault: fc.boolean(),
            wantsProxyHeader: fc.boolean(),
          }),
          { maxLength: 3 },
        ),
        server: fc.constantFrom('nginx' as const, 'apache' as const),
      })
      .map((given) => site(given.names, given.listens, given));
    fc.assert(
      fc.property(fc.array(anySite, { maxLength: 8 }), (sites) => {
        const names = ['a.test', 'www.a.org', 'b.test'];
        const { places, namesWithoutSite } = new ServedDirectory(sites, ['192.0.2.9']).placesOf(names);
        for (const { site: found, port, address: where, name: asked } of places) {
          expect(found.listens.some((one) => one.isTls && one.port === port)).toBe(true);
          expect(where).not.toMatch(/^(\*|0\.0\.0\.0|::)$/);
          expect(namesWithoutSite).not.toContain(asked);
        }
        expect(new Set(places.map((one) => [one.site.line, one.address, one.port].join())).size).toBe(
          places.length,
        );
      }),
    );
  });
});

test('wildcards mean what a regular expression of the same meaning says', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const source = pattern.replace(/[*?.]/g, (one) => ({ '*': '.*', '?': '.', '.': '\\.' })[one] ?? one);
      expect(matchesWildcards(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: 2000 },
  );
});
