import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NOTICE_AUDIENCES } from '../../../src/core/domain/notice-level.js';
import type { NoticeFinding } from '../../../src/core/notice/finding.js';
import { judgeAccount, type NoticeItem } from '../../../src/core/notice/told/judge-account.js';
import { matterOf } from '../../../src/core/notice/told/matter.js';
import { keyOf, type ToldEntry } from '../../../src/core/notice/told/told-record.js';
import { aFinding, aName, day, noticeRig } from '../../support/notice-rig.js';

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
    isAllowed: () => true,
    now: day(at),
  });
}

const isNews = ({ state }: NoticeItem) => state !== 'standing';

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
          for (const before of told.filter(({ matter, isKnown }) => matter !== 'renewal' && isKnown)) {
            const of = items.filter(
              ({ audience, vhost }) => audience === before.audience && vhost === before.vhost,
            );
            const isOver = of.some((item) => item.state === 'over' && item.entry.matter === before.matter);
            const isFollowed = of.some((item) => item.state === 'new' || item.state === 'changed');
            const isStillKnown = entries.some((entry) => keyOf(entry) === keyOf(before) && entry.isKnown);
            expect(isStillKnown !== (isOver || (isFollowed && !isStillKnown))).toBe(true);
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

describe('however the nights of one website come and go', () => {
  const NIGHTS = 60;
  const someNames = fc.subarray(['a.test', 'b.test', 'c.test', 'd.test'], { minLength: 1 });
  const nightly = fc.array(
    fc.array(
      fc.record({
        kind: fc.constantFrom(
          'notify_autossl_expiry_coverage' as const,
          'notify_autossl_renewal_uncovered_domains' as const,
          'notify_ssl_expiry' as const,
        ),
        names: someNames,
        serial: fc.constantFrom(['0A', 9], ['0B', 30], ['0C', 100]),
      }),
      { maxLength: 2 },
    ),
    { minLength: NIGHTS, maxLength: NIGHTS },
  );

  test('nobody is mailed more often than weeks, matters and the ends of certificates allow', async () => {
    await fc.assert(
      fc.asyncProperty(
        nightly,
        fc.constantFrom('weekly' as const, 'never' as const),
        async (nights, repeat) => {
          const { run, outbox, clock } = noticeRig({ repeat });
          const matters = new Set<string>();
          const serials = new Set<string>();
          for (const [at, found] of nights.entries()) {
            clock.set(day(at).toISOString());
            await run(
              found.map(({ kind, names, serial: [serial, endsOn] }) => {
                matters.add(kind);
                serials.add(`${kind} ${serial}`);
                const certificate = {
                  serial: String(serial),
                  notBefore: day(Number(endsOn) - 90),
                  notAfter: day(Number(endsOn)),
                  isSelfSigned: false,
                };
                return aFinding(kind, { names: names.map((name) => aName(name)), certificate });
              }),
            );
          }
          const weeksBegun = Math.floor((NIGHTS - 1) / 7) + 1;
          const most = (weeksBegun + 1) * matters.size + 2 * serials.size;
          for (const to of ['root', 'alice@shop.test']) {
            expect(outbox.messages.filter((message) => message.to === to).length).toBeLessThanOrEqual(most);
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  test.each([
    ['every other night', (at: number) => at % 2 === 0],
    ['one night in three', (at: number) => at % 3 === 0],
    ['one night in eight', (at: number) => at % 8 === 0],
    ['two nights in nine', (at: number) => at % 9 < 2],
    ['one night in fifteen', (at: number) => at % 15 === 0],
  ])('a name that fails %s costs root and owner two mails and one a week', async (_how, fails) => {
    const { run, outbox, clock } = noticeRig();
    for (let at = 0; at < 364; at += 1) {
      clock.set(day(at).toISOString());
      const names = [aName('a.test')];
      await run(fails(at) ? [aFinding('notify_autossl_renewal_uncovered_domains', { names })] : []);
    }
    for (const to of ['root', 'alice@shop.test']) {
      expect(outbox.messages.filter((message) => message.to === to).length).toBeLessThanOrEqual(53);
    }
  });

  test('a hundred websites of one account that take turns are no mail to root every night', async () => {
    const { run, outbox, clock } = noticeRig();
    for (let at = 0; at < 84; at += 1) {
      clock.set(day(at).toISOString());
      const vhost = `site${at % 50}.test`;
      await run([aFinding('notify_autossl_renewal_uncovered_domains', { vhost, names: [aName(vhost)] })]);
    }
    expect(outbox.messages.filter(({ to }) => to === 'root').length).toBeLessThanOrEqual(4 + 84 / 3 + 84 / 7);
  });

  test('what is near its end is told to root however often its account was told of', async () => {
    const { run, clock } = noticeRig();
    for (let at = 0; at < 6; at += 1) {
      clock.set(day(at).toISOString());
      const vhost = `site${at}.test`;
      await run([aFinding('notify_autossl_renewal_uncovered_domains', { vhost, names: [aName(vhost)] })]);
    }
    const urgent = aFinding('notify_autossl_expiry', { vhost: 'shop.test', daysLeft: 8 });
    expect((await run([urgent])).map(({ to }) => to)).toContain('root');
  });
});
