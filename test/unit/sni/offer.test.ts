import { describe, expect, test } from '@jest/globals';
import { parseDomainName, parseHostName } from '../../../src/core/domain/name/names.js';
import { offersByPair, offersOf, type SniPair } from '../../../src/core/sni/offer.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const hostname = parseDomainName('srv1.hoster.test');
const pairOf = (id: string, from = '2026-05-01', until = '2026-07-01'): SniPair => ({
  id,
  bytes: 4_000,
  notBefore: new Date(`${from}T00:00:00Z`),
  notAfter: new Date(`${until}T00:00:00Z`),
});
const offered = (...names: readonly (readonly [string, SniPair | null])[]): readonly string[] =>
  offersOf(
    names.map(([name, pair]) => ({ name: parseHostName(name), pair })),
    { hostname, now: NOW },
  ).map(({ name, pair }) => `${name}=${pair}`);

describe('the names that mail and FTP answer for', () => {
  test('are those with a valid certificate, in order', () => {
    const all = [
      ['mail.b.test', pairOf('1')],
      ['a.test', pairOf('2')],
      ['*.a.test', pairOf('3')],
    ] as const;
    expect(offered(...all)).toEqual(['*.a.test=3', 'a.test=2', 'mail.b.test=1']);
  });

  test.each([
    ['one without a fit certificate', 'a.test', null],
    ['one whose certificate has expired', 'a.test', pairOf('1', '2026-01-01', '2026-05-31')],
    ['one whose certificate expires now', 'a.test', pairOf('1', '2026-01-01', '2026-06-01')],
    ['one whose certificate is not valid yet', 'a.test', pairOf('1', '2026-06-02', '2026-08-01')],
    ['the server’s own', 'srv1.hoster.test', pairOf('1')],
  ])('do not include %s', (_, name, pair) => {
    expect(offered([name, pair])).toEqual([]);
  });

  test('of a wildcard above the server’s own name are those that services are called by', () => {
    expect(offered(['*.hoster.test', pairOf('1')])).toEqual(
      ['ftp', 'imap', 'mail', 'pop', 'pop3', 'smtp'].map((label) => `${label}.hoster.test=1`),
    );
  });

  test('of such a wildcard do not include the server’s own, nor another certificate’s', () => {
    const names = [
      { name: parseHostName('*.hoster.test'), pair: pairOf('1') },
      { name: parseHostName('smtp.hoster.test'), pair: pairOf('2') },
    ];
    const offers = offersOf(names, { hostname: parseDomainName('mail.hoster.test'), now: NOW });
    const shown = offers.map(({ name, pair }) => `${name}=${pair}`);
    expect(shown).not.toContain('mail.hoster.test=1');
    expect(shown).toContain('smtp.hoster.test=2');
    expect(shown).toContain('imap.hoster.test=1');
    const imap = offers.find(({ name }) => name === 'imap.hoster.test');
    expect(imap?.source).toBe('*.hoster.test');
  });

  test('of a wildcard above that of the server’s own are narrowed too: Postfix knows no depth', () => {
    expect(offered(['*.test.example', pairOf('1')])).toEqual(['*.test.example=1']);
    const deep = parseDomainName('a.b.hoster.test');
    const offers = offersOf([{ name: parseHostName('*.hoster.test'), pair: pairOf('1') }], {
      hostname: deep,
      now: NOW,
    });
    expect(offers.map(({ name }) => name)).not.toContain('*.hoster.test');
  });

  test('stand together by certificate, wildcards last', () => {
    const names = ['*.a.test', 'a.test', 'b.test', 'mail.a.test'].map(parseHostName);
    const offers = names.map((name) => ({ name, source: name, pair: name === 'b.test' ? '2' : '1' }));
    expect(offersByPair(offers)).toEqual([
      { pair: '1', names: ['a.test', 'mail.a.test'] },
      { pair: '2', names: ['b.test'] },
      { pair: '1', names: ['*.a.test'] },
    ]);
  });
});
