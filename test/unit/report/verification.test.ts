import { describe, expect, test } from '@jest/globals';
import { UNKNOWN_PUBLIC_DNS } from '../../../src/core/dcv/public-dns.js';
import { type Verification, VerificationTally } from '../../../src/core/report/verification.js';
import { expectGolden } from '../../support/golden.js';

const aVerification = (over: Partial<Verification>): Verification => ({
  account: 'alice',
  website: 'a.test',
  outcome: 'served',
  expected: 'f'.repeat(64),
  code: null,
  message: null,
  advice: null,
  places: [],
  namesWithoutSite: [],
  ...UNKNOWN_PUBLIC_DNS,
  ...over,
});
const STALE = {
  outcome: 'not-served',
  code: 'PREVIOUS_CERTIFICATE',
  message: '127.0.0.1:443 still serves the previous certificate',
  advice: 'Reload the web server, or let its configuration name the file itself and not a copy.',
} as const;
const UNKNOWN = { outcome: 'unknown', message: 'nobody can be asked', advice: 'Name it.' } as const;

/** Everything that is said of these websites, the websites' own lines marked with their tone. */
function said(
  verifications: readonly Partial<Verification>[],
  ...rest: Parameters<VerificationTally['closing']>
) {
  const tally = new VerificationTally();
  const own = verifications
    .map((over) => tally.add(aVerification(over)))
    .flatMap((one) => (one === null ? [] : [`${one.tone}: ${one.line}`]));
  return { lines: [...own, ...tally.closing(...rest)], tally };
}

describe('what verify tells people', () => {
  test('is a line for each website that is not served, notes, and one summary', () => {
    const { lines, tally } = said(
      [
        {},
        { website: 'b.test', ...STALE },
        { website: 'c.test', ...UNKNOWN },
        { website: 'd.test', account: 'bob', ...UNKNOWN },
        {
          website: 'e.test',
          outcome: 'unreadable',
          message: 'the record cannot be used',
          advice: 'Restore it.',
        },
        { website: 'f.test', outcome: 'no-certificate', expected: null },
        { website: 'g.test', namesWithoutSite: ['mail.g.test', 'www.g.test'] },
        { website: 'h.test', publicAddresses: ['192.0.2.1', '2001:db8::1'], pointsHere: false },
        { website: 'i.test', publicAddresses: [], pointsHere: false },
        { website: 'j.test', publicAddresses: ['127.0.0.1'], pointsHere: true },
      ],
      [
        { account: 'aaron', why: 'broken', message: '/var/cpanel/users/aaron: it is not text' },
        { account: 'dave', why: 'suspended', message: null },
      ],
      [{ code: 'NO_SPACE', message: 'the disk is full', advice: 'Make room.' }],
    );
    expectGolden('report/verify.txt', `${lines.join('\n')}\n`);
    expect(tally.counts()).toEqual({
      websites: 10,
      served: 5,
      notServed: 1,
      unknown: 2,
      noCertificate: 1,
      unreadable: 1,
      withoutSite: 1,
      elsewhere: 2,
    });
  });

  test('is one line for a server on which all is well', () => {
    const { lines, tally } = said([{}, { website: 'b.test' }], [], []);
    expect(lines).toEqual(['2 websites: 2 served.']);
    expect(tally.isAllServed).toBe(true);
  });

  test.each<[string, Partial<Verification>, boolean]>([
    ['not served', STALE, false],
    ['unknown', UNKNOWN, false],
    ['unreadable', { outcome: 'unreadable', message: 'no' }, false],
    ['without a certificate', { outcome: 'no-certificate' }, true],
    ['served, behind a CDN', { pointsHere: false, publicAddresses: ['192.0.2.1'] }, true],
    ['served but for names without a site', { namesWithoutSite: ['mail.a.test'] }, true],
  ])('a website that is %s: all is served is %#', (_, over, isAllServed) => {
    expect(said([{}, over], [], []).tally.isAllServed).toBe(isAllServed);
  });

  test('tells notes of twenty websites, and counts the rest', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({
      website: `s${index}.test`,
      namesWithoutSite: [`mail.s${index}.test`],
    }));
    const { lines } = said(many, [], []);
    expect(lines).toHaveLength(22);
    expect(lines.at(-2)).toContain('and 10 more');
  });

  test('lets nothing through that steers a terminal', () => {
    const evil = 'x\u001b[31m\u202e\nFAULT';
    const { lines } = said(
      [
        { ...STALE, message: evil, advice: evil },
        { ...UNKNOWN, message: evil },
        { namesWithoutSite: [evil], publicAddresses: [evil], pointsHere: false },
      ],
      [],
      [{ code: 'X', message: evil, advice: null }],
    );
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});
