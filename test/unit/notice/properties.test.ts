import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NOTICE_AUDIENCES } from '../../../src/core/domain/notice-level.js';
import type { NoticeFinding } from '../../../src/core/notice/finding.js';
import { judgeAccount, type NoticeItem } from '../../../src/core/notice/told/judge-account.js';
import { matterOf } from '../../../src/core/notice/told/matter.js';
import type { ToldEntry } from '../../../src/core/notice/told/told-record.js';
import { aFinding, aName, day } from '../../support/notice-rig.js';

const HOUR = 1 / 24;
const website = fc.constantFrom('one.test', 'two.test');
const names = fc.subarray(['a.test', 'b.test', 'c.test'], { minLength: 1 });
const code = fc.constantFrom('NXDOMAIN', 'HTTP_NOT_FOUND');

const lasting = fc
  .record({
    kind: fc.constantFrom(
      'notify_autossl_expiry' as const,
      'notify_autossl_expiry_coverage' as const,
      'notify_autossl_renewal_coverage' as const,
      'notify_autossl_renewal_coverage_reduced' as const,
      'notify_autossl_renewal_uncovered_domains' as const,
      'notify_ssl_expiry' as const,
    ),
    vhost: website,
    names,
    code,
  })
  .map((given) =>
    aFinding(given.kind, {
      vhost: given.vhost,
      names: given.names.map((name) => aName(name, { code: given.code })),
      daysLeft: 80,
    }),
  );
const renewal = fc
  .record({ vhost: website, serial: fc.constantFrom('01', '02', '03') })
  .map(({ vhost, serial }) =>
    aFinding('notify_autossl_renewal', {
      vhost,
      certificate: { serial, notBefore: day(0), notAfter: day(90), isSelfSigned: false },
    }),
  );
const night = fc.record({
  findings: fc.array(fc.oneof(lasting, lasting, renewal), { maxLength: 5 }),
  isLookedAt: fc.boolean(),
});

function judged(
  told: readonly ToldEntry[],
  findings: readonly NoticeFinding[],
  at: number,
  isLookedAt = true,
) {
  return judgeAccount({
    account: 'alice',
    findings,
    told,
    audiences: NOTICE_AUDIENCES,
    isLookedAt: () => isLookedAt,
    wants: () => true,
    now: day(at),
  });
}

const isNews = ({ state }: NoticeItem) => state !== 'standing';
const keyOf = ({ audience, vhost, matter }: ToldEntry) => `${audience} ${vhost} ${matter}`;

describe('whatever the nights bring', () => {
  test('nobody is told the same twice: a second look at the same tells nothing and remembers the same', () => {
    fc.assert(
      fc.property(fc.array(night, { maxLength: 8 }), (nights) => {
        let told: readonly ToldEntry[] = [];
        nights.forEach(({ findings, isLookedAt }, index) => {
          const first = judged(told, findings, index * HOUR, isLookedAt);
          const second = judged(first.entries, findings, (index + 0.5) * HOUR, isLookedAt);
          expect(second.items.filter(isNews)).toEqual([]);
          expect(second.entries.map(keyOf)).toEqual(first.entries.map(keyOf));
          told = first.entries;
        });
      }),
    );
  });

  test('what was told is ended aloud, followed by what is told in its place, or stays to be listed', () => {
    fc.assert(
      fc.property(fc.array(night, { maxLength: 8 }), (nights) => {
        let told: readonly ToldEntry[] = [];
        nights.forEach(({ findings, isLookedAt }, index) => {
          const { items, entries } = judged(told, findings, index * HOUR, isLookedAt);
          for (const before of told.filter(({ matter }) => matter !== 'renewal')) {
            const of = items.filter(
              ({ audience, vhost }) => audience === before.audience && vhost === before.vhost,
            );
            const isOver = of.some((item) => item.state === 'over' && item.entry.matter === before.matter);
            const isFollowed = of.some((item) => item.state === 'new' || item.state === 'changed');
            const isKept = entries.some((entry) => keyOf(entry) === keyOf(before));
            expect(isKept !== (isOver || (isFollowed && !isKept))).toBe(true);
          }
          told = entries;
        });
      }),
    );
  });

  test('what is found and told stands in memory, each once', () => {
    fc.assert(
      fc.property(fc.array(night, { maxLength: 8 }), (nights) => {
        let told: readonly ToldEntry[] = [];
        nights.forEach(({ findings }, index) => {
          const { entries } = judged(told, findings, index * HOUR);
          const keys = entries.map(keyOf);
          expect(new Set(keys).size).toBe(keys.length);
          for (const { kind, vhost } of findings.filter((one) => matterOf(one.kind) !== 'renewal')) {
            expect(keys).toContain(`user ${vhost} ${matterOf(kind)}`);
          }
          told = entries;
        });
      }),
    );
  });
});
