import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { coversName } from '../../../../src/core/domain/name/coverage.js';
import { identifiersFor, reduceToWildcards } from '../../../../src/core/plan/admission/wildcard-reduction.js';
import { wantedNames } from '../../../support/fake-certificate.js';

interface Row {
  readonly names: readonly string[];
  readonly excluded?: readonly string[];
  /** Domains whose zones cannot be written to. */
  readonly foreign?: readonly string[];
}

function asked({ names, excluded = [], foreign = [] }: Row): string {
  const wanted = wantedNames(...names);
  const reductions = reduceToWildcards(
    wanted,
    wantedNames(...excluded),
    (domain) => !foreign.includes(domain),
  );
  return identifiersFor(wanted, reductions).join(' ');
}

describe('wildcard reduction', () => {
  test.each<[string, Row, string]>([
    [
      'the documented example: apex, www and mail become apex and wildcard (behaviour 2)',
      { names: ['example.com', 'www.example.com', 'mail.example.com'] },
      'example.com *.example.com',
    ],
    [
      'a deeper name stays, since a wildcard is one label (RFC 6125 6.4.3)',
      { names: ['example.com', 'www.example.com', 'mail.example.com', 'test.www.example.com'] },
      'example.com *.example.com test.www.example.com',
    ],
    [
      'one name below is asked for as it is',
      { names: ['example.com', 'www.example.com'] },
      'example.com www.example.com',
    ],
    [
      'a domain that is not on the website lends only the names',
      { names: ['shop.example.com', 'blog.example.com'] },
      'shop.example.com blog.example.com',
    ],
    [
      'a zone that cannot be written to: the plain names, over HTTP',
      { names: ['example.com', 'www.example.com', 'mail.example.com'], foreign: ['example.com'] },
      'example.com www.example.com mail.example.com',
    ],
    [
      'an excluded name below the domain forbids its wildcard',
      {
        names: ['example.com', 'www.example.com', 'mail.example.com'],
        excluded: ['webmail.example.com'],
      },
      'example.com www.example.com mail.example.com',
    ],
    [
      'an excluded name elsewhere does not',
      { names: ['example.com', 'www.example.com', 'mail.example.com'], excluded: ['www.other.test'] },
      'example.com *.example.com',
    ],
    [
      'each domain is judged by itself',
      {
        names: [
          'a.test',
          'www.a.test',
          'mail.a.test',
          'b.test',
          'www.b.test',
          'c.test',
          'www.c.test',
          'mail.c.test',
        ],
        foreign: ['c.test'],
      },
      'a.test *.a.test b.test www.b.test c.test www.c.test mail.c.test',
    ],
    [
      'a subdomain that is on the website has a wildcard of its own',
      { names: ['a.test', 'shop.a.test', 'www.shop.a.test', 'mail.shop.a.test'] },
      'a.test shop.a.test *.shop.a.test',
    ],
    [
      'a wildcard that is wanted anyway takes even a single name in',
      { names: ['a.test', 'www.a.test', '*.a.test'] },
      'a.test *.a.test',
    ],
    [
      'the wildcard takes the place of the first name that it covers (priority order)',
      { names: ['a.test', 'www.a.test', 'b.test', 'mail.a.test'] },
      'a.test *.a.test b.test',
    ],
    ['a name right below a top-level domain has no domain to reduce to', { names: ['a.test'] }, 'a.test'],
  ])('%s', (_, row, expected) => {
    expect(asked(row)).toBe(expected);
  });

  const names = fc.uniqueArray(
    fc.constantFrom(
      'a.test',
      'www.a.test',
      'mail.a.test',
      'x.www.a.test',
      'y.www.a.test',
      'b.test',
      'www.b.test',
      'cpanel.b.test',
      '*.b.test',
      'c.a.test',
    ),
    { minLength: 1 },
  );

  test('what is asked for covers each wanted name and is never longer', () => {
    fc.assert(
      fc.property(names, fc.boolean(), (list, isEditable) => {
        const wanted = wantedNames(...list);
        const identifiers = identifiersFor(
          wanted,
          reduceToWildcards(wanted, [], () => isEditable),
        );
        expect(identifiers.length).toBeLessThanOrEqual(wanted.length);
        for (const name of wanted) {
          expect(coversName({ dnsNames: identifiers, ipAddresses: [] }, name)).toBe(true);
        }
      }),
    );
  });

  test('nothing is covered that lies below a domain of which a name is excluded', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('z.a.test', 'z.b.test', 'z.www.a.test'), (list, barred) => {
        const wanted = wantedNames(...list);
        const [excluded] = wantedNames(barred);
        const reductions = reduceToWildcards(wanted, excluded === undefined ? [] : [excluded], () => true);
        for (const { wildcard } of reductions) {
          expect(coversName({ dnsNames: [wildcard], ipAddresses: [] }, excluded ?? wildcard)).toBe(false);
        }
      }),
    );
  });
});
