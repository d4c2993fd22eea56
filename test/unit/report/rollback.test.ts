import { describe, expect, test } from '@jest/globals';
import {
  type RollbackReport,
  renderFormerList,
  renderRollback,
} from '../../../src/core/report/rollback/rollback-report.js';
import { type RollbackFacts, rollbackWarnings } from '../../../src/core/report/rollback/rollback-warnings.js';
import { wantedNames } from '../../support/fake-certificate.js';

const SOON = new Date('2026-07-01T00:00:00Z');
const LATE = new Date('2026-09-01T00:00:00Z');
const [first, second] = wantedNames('a.test', 'www.a.test');
const facts = (over: Partial<RollbackFacts>): RollbackFacts => ({
  former: { notAfter: LATE, secured: [first!, second!] },
  present: { notAfter: LATE, secured: [first!, second!] },
  order: null,
  action: { kind: 'keep', because: [{ code: 'VALID', message: 'The certificate is valid.' }] },
  reorder: { mayOrder: true },
  ...over,
});
const due: RollbackFacts['action'] = {
  kind: 'replace',
  because: [{ code: 'RENEWAL_DUE', message: 'Renewal has been due since then.' }],
};

describe('what speaks against going back', () => {
  test.each<[string, RollbackFacts, readonly string[]]>([
    ['nothing, when it is as good', facts({}), []],
    ['nothing, where no certificate lies', facts({ present: null }), []],
    [
      'that it ends sooner',
      facts({ former: { notAfter: SOON, secured: [first!, second!] } }),
      ['It ends 2026-07-01T00:00:00.000Z, 62.0 days before the one in place.'],
    ],
    [
      'that it lacks names',
      facts({ former: { notAfter: LATE, secured: [first!] } }),
      ['It does not cover www.a.test.'],
    ],
    [
      'that a run will order another',
      facts({ action: due }),
      ['A run will order a new certificate in its place: Renewal has been due since then.'],
    ],
    [
      'and when',
      facts({ action: due, reorder: { mayOrder: false, because: 'TOO_YOUNG', until: SOON } }),
      [
        'A run will order a new certificate in its place, but not before 2026-07-01T00:00:00.000Z: Renewal has been due since then.',
      ],
    ],
    [
      'an order that is under way, whatever else is due',
      facts({ action: due, order: { id: '17-ab', phase: 'placed', provider: 'LetsEncrypt' } }),
      ['The next run will put another one in its place: the order 17-ab is under way at LetsEncrypt.'],
    ],
    [
      'a certificate that waits',
      facts({ order: { id: '17-ab', phase: 'downloaded', provider: 'LetsEncrypt' } }),
      [
        'The next run will put another one in its place: the certificate of the order 17-ab waits to be installed.',
      ],
    ],
  ])('%s', (_, given, expected) => {
    expect(rollbackWarnings(given)).toEqual(expected);
  });
});

describe('what became of it, in words', () => {
  const words = (digit: string) => ({
    fingerprint: digit.repeat(64),
    names: ['a.test', 'x\u001b[31m.test'],
    notAfter: '2026-09-01T00:00:00.000Z',
  });
  const report = (over: Partial<RollbackReport>): RollbackReport => ({
    schemaVersion: 1,
    exitCode: 0,
    account: 'alice',
    website: 'a.test',
    was: words('b'),
    former: words('a'),
    is: words('a'),
    outcome: 'served',
    code: null,
    message: null,
    advice: null,
    served: null,
    warnings: [],
    ...over,
  });
  const fault = { message: 'the test fails', advice: 'Mend it.' };

  test.each<[Partial<RollbackReport>, string]>([
    [{}, 'a.test has its former certificate again, and it is served.'],
    [
      { outcome: 'published' },
      'a.test has its former certificate again; nobody could be asked whether it is served.',
    ],
    [
      { outcome: 'published-not-served', ...fault },
      'a.test has its former certificate again, but it is not served: the test fails. Mend it.',
    ],
    [
      { outcome: 'restored', is: words('b'), ...fault },
      'a.test keeps the certificate that it had: the test fails. Mend it.',
    ],
    [{ outcome: 'held', is: words('b'), ...fault }, 'a.test was not touched: the test fails. Mend it.'],
  ])('%j', (over, expected) => {
    const [verdict, was, is] = renderRollback(report(over)).split('\n');
    expect(verdict).toBe(expected);
    expect(was).toContain(
      'was  bbbbbbbbbbbbbbbb, ends 2026-09-01T00:00:00.000Z, for a.test, x\\u{1b}[31m.test',
    );
    expect(is).toContain(over.is === undefined ? 'is   aaaa' : 'is   bbbb');
  });

  test('a list says what is kept and what lies there', () => {
    const { fingerprint, names, notAfter } = words('a');
    const kept = { fingerprint, names, notAfter, archivedAt: '2026-06-01T00:00:00.000Z' };
    const list = { schemaVersion: 1, account: 'alice', website: 'a.test', present: null } as const;
    expect(renderFormerList({ ...list, former: [kept] })).toBe(
      `a.test: 1 former certificate is kept\n  aaaaaaaaaaaaaaaa, ends ${notAfter}, for a.test, x\\u{1b}[31m.test, replaced 2026-06-01T00:00:00.000Z\nin place: no certificate\n`,
    );
    expect(renderFormerList({ ...list, former: [] })).toBe(
      'a.test: no former certificate is kept\nin place: no certificate\n',
    );
  });
});
