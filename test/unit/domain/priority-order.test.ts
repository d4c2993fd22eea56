import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { inPriorityOrder, takeMostImportant } from '../../../src/core/domain/name/priority-order.js';
import type { CandidateName, NameStanding } from '../../../src/core/domain/website/website.js';

const candidate = (name: string, standing: NameStanding = 'other'): CandidateName => ({
  name: parseHostName(name),
  standing,
  isService: false,
});
const ordered = (names: readonly CandidateName[], secured: readonly string[] = []) =>
  inPriorityOrder(names, (name) => secured.includes(name)).map(({ name }) => name as string);

describe('the priority order', () => {
  test.each([
    [
      '1. a name that the certificate secures goes before the primary domain',
      [candidate('example.com', 'primary'), candidate('cpcontacts.deep.shop.example.com')],
      ['cpcontacts.deep.shop.example.com'],
      ['cpcontacts.deep.shop.example.com', 'example.com'],
    ],
    [
      '2. the primary domain and its names go before addon domains, however long',
      [candidate('a.de', 'addon'), candidate('mail.a-very-long-name.example', 'primary')],
      [],
      ['mail.a-very-long-name.example', 'a.de'],
    ],
    [
      '3. an addon domain goes before the automatic subdomain of its website',
      [candidate('foo.example.com'), candidate('foo.com', 'addon'), candidate('www.foo.com', 'addon')],
      [],
      ['foo.com', 'www.foo.com', 'foo.example.com'],
    ],
    [
      '4. fewer dots go first, before any label',
      [candidate('www.foo.com'), candidate('a-long-alias-domain.com')],
      [],
      ['a-long-alias-domain.com', 'www.foo.com'],
    ],
    [
      '5. the published labels in the published order, other labels after them',
      [
        'webdisk',
        'autodiscover',
        'cpanel',
        'webmail',
        'whm',
        'mail',
        'www',
        'a',
        'cpcontacts',
        'cpcalendars',
      ].map((label) => candidate(`${label}.x.de`)),
      [],
      [
        'www',
        'mail',
        'whm',
        'webmail',
        'cpanel',
        'autodiscover',
        'webdisk',
        'a',
        'cpcontacts',
        'cpcalendars',
      ].map((label) => `${label}.x.de`),
    ],
    [
      '6. shorter names go first',
      [candidate('bbb.example.com'), candidate('cc.example.com')],
      [],
      ['cc.example.com', 'bbb.example.com'],
    ],
    [
      'then by the alphabet',
      [candidate('b.example.com'), candidate('a.example.com'), candidate('*.example.com')],
      [],
      ['*.example.com', 'a.example.com', 'b.example.com'],
    ],
  ] as [string, CandidateName[], string[], string[]][])('%s', (_, names, secured, expected) => {
    expect(ordered(names, secured)).toEqual(expected);
    expect(ordered([...names].reverse(), secured)).toEqual(expected);
  });

  test('is the same whatever order the names come in', () => {
    const names = fc.uniqueArray(
      fc.tuple(fc.domain(), fc.constantFrom<NameStanding>('primary', 'addon', 'other'), fc.boolean()),
      { selector: ([name]) => name, maxLength: 15 },
    );
    fc.assert(
      fc.property(names, (given) => {
        const secured = given.filter(([, , isSecured]) => isSecured).map(([name]) => name);
        const candidates = given.map(([name, standing]) => candidate(name, standing));
        expect(ordered([...candidates].reverse(), secured)).toEqual(ordered(candidates, secured));
      }),
    );
  });
});

describe('takeMostImportant', () => {
  const names = ['c.example', 'a.example', 'b.example'].map((name) => candidate(name));
  test.each([
    ['takes as many as the limit says', 1, ['a.example'], ['b.example', 'c.example']],
    ['takes all within the limit', 3, ['a.example', 'b.example', 'c.example'], []],
    ['takes all when no limit is known', null, ['a.example', 'b.example', 'c.example'], []],
  ] as [string, number | null, string[], string[]][])('%s', (_, limit, taken, left) => {
    const selection = takeMostImportant(names, limit, () => false);
    expect(selection.taken.map(({ name }) => name)).toEqual(taken);
    expect(selection.left.map(({ name }) => name)).toEqual(left);
  });
});
