import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeRenewal, type RenewalPolicy } from '../../../src/core/renewal/judge.js';
import { OWN_SPREAD, spreadShareOf, WINDOW_SPREAD } from '../../../src/core/renewal/spread.js';

const HOUR = 3_600_000;
const notBefore = new Date('2026-03-01T12:00:00Z');

const policyOf = (policy: Partial<RenewalPolicy>): RenewalPolicy => ({
  daysToReplace: 29,
  ari: null,
  ownership: 'ours',
  kind: 'website',
  ...policy,
});
const ariAt = (at: Date, firstSeenAt = new Date(0)) => ({
  selectedAt: at,
  windowStartAt: at,
  windowEndAt: at,
  firstSeenAt,
  explanationUrl: null,
});

/** Judges a certificate of that many hours, at its beginning unless told otherwise; instants in hours before expiry. */
function judged(hours: number, policy: Partial<RenewalPolicy>, hoursLeft = hours) {
  const notAfter = new Date(notBefore.getTime() + hours * HOUR);
  const now = new Date(notAfter.getTime() - hoursLeft * HOUR);
  const verdict = judgeRenewal({ notBefore, notAfter }, policyOf(policy), now);
  const before = (at: Date) => (notAfter.getTime() - at.getTime()) / HOUR;
  return {
    due: before(verdict.dueAt),
    basis: verdict.basis,
    emergency: before(verdict.emergencyAt),
    deferral: before(verdict.deferralEndsAt),
    isDue: verdict.isDue,
    isEmergency: verdict.isEmergency,
  };
}

describe('the renewal point, in hours before expiry', () => {
  // The oracle, reckoned by hand: life in hours, policy; due, its basis, emergency, end of deferral.
  test.each([
    ['200 days, 15 days of the provider', 4800, { daysToReplace: 15 }, 360, 'provider-days', 240, 72],
    ['200 days, 25 days of the provider', 4800, { daysToReplace: 25 }, 600, 'provider-days', 240, 72],
    ['200 days, 29 days of the provider', 4800, { daysToReplace: 29 }, 696, 'provider-days', 240, 72],
    ['200 days, a hostname', 4800, { kind: 'hostname' }, 600, 'provider-days', 240, 72],
    ['200 days, foreign', 4800, { ownership: 'foreign' }, 72, 'foreign-margin', 72, 72],
    ['90 days, 15 days of the provider', 2160, { daysToReplace: 15 }, 360, 'provider-days', 108, 72],
    ['90 days, 29 days of the provider', 2160, { daysToReplace: 29 }, 696, 'provider-days', 108, 72],
    ['90 days, 60 days of the provider', 2160, { daysToReplace: 60 }, 720, 'lifetime-ratio', 108, 72],
    ['90 days, a hostname', 2160, { kind: 'hostname', daysToReplace: 15 }, 600, 'provider-days', 108, 72],
    ['90 days, foreign', 2160, { ownership: 'foreign' }, 72, 'foreign-margin', 72, 72],
    ['64 days, 15 days of the provider', 1536, { daysToReplace: 15 }, 360, 'provider-days', 76.8, 72],
    ['64 days, 29 days of the provider', 1536, { daysToReplace: 29 }, 512, 'lifetime-ratio', 76.8, 72],
    ['64 days, a hostname', 1536, { kind: 'hostname' }, 512, 'lifetime-ratio', 76.8, 72],
    ['64 days, foreign', 1536, { ownership: 'foreign' }, 72, 'foreign-margin', 72, 72],
    ['45 days, 15 days of the provider', 1080, { daysToReplace: 15 }, 360, 'lifetime-ratio', 54, 72],
    ['45 days, 29 days of the provider', 1080, { daysToReplace: 29 }, 360, 'lifetime-ratio', 54, 72],
    ['45 days, a hostname', 1080, { kind: 'hostname' }, 360, 'lifetime-ratio', 54, 72],
    ['45 days, foreign', 1080, { ownership: 'foreign' }, 72, 'foreign-margin', 54, 72],
    ['160 hours, 15 days of the provider', 160, { daysToReplace: 15 }, 80, 'lifetime-ratio', 8, 16],
    ['160 hours, 29 days of the provider', 160, { daysToReplace: 29 }, 80, 'lifetime-ratio', 8, 16],
    ['160 hours, a hostname', 160, { kind: 'hostname' }, 80, 'lifetime-ratio', 8, 16],
    ['160 hours, foreign', 160, { ownership: 'foreign' }, 16, 'foreign-margin', 8, 16],
    ['just under 10 days counts as short', 239, {}, 119.5, 'lifetime-ratio', 11.95, 23.9],
    ['10 days do not count as short', 240, {}, 80, 'lifetime-ratio', 12, 24],
    ['a provider that names no days', 2160, { daysToReplace: 0 }, 108, 'emergency', 108, 72],
    [
      '90 days, a run each day changes nothing',
      2160,
      { runIntervalMs: 24 * HOUR },
      696,
      'provider-days',
      108,
      72,
    ],
    [
      '160 hours, a run each day widens the late margins to two days',
      160,
      { runIntervalMs: 24 * HOUR },
      80,
      'lifetime-ratio',
      48,
      48,
    ],
    ['160 hours, a run every 5 minutes', 160, { runIntervalMs: HOUR / 12 }, 80, 'lifetime-ratio', 8, 16],
    [
      '2 days, a run each day: half the life at most',
      48,
      { runIntervalMs: 24 * HOUR },
      24,
      'lifetime-ratio',
      24,
      24,
    ],
    [
      '160 hours, foreign, a run each day',
      160,
      { ownership: 'foreign', runIntervalMs: 24 * HOUR },
      48,
      'foreign-margin',
      48,
      48,
    ],
    ['a private CA’s two years', 17520, { daysToReplace: 15 }, 876, 'emergency', 876, 72],
  ] as const)('%s', (_, hours, policy, due, basis, emergency, deferral) => {
    const { isDue, isEmergency, ...points } = judged(hours, policy);
    expect(points).toEqual({ due, basis, emergency, deferral });
    expect([isDue, isEmergency]).toEqual([false, false]);
  });

  test('an hour to the second: due from the instant on, emergency from its own', () => {
    expect(judged(2160, { daysToReplace: 15 }, 360.001)).toMatchObject({ isDue: false });
    expect(judged(2160, { daysToReplace: 15 }, 360)).toMatchObject({ isDue: true, isEmergency: false });
    expect(judged(2160, { daysToReplace: 15 }, 108)).toMatchObject({ isDue: true, isEmergency: true });
    expect(judged(2160, { daysToReplace: 15 }, -500)).toMatchObject({ isDue: true, isEmergency: true });
  });

  test.each([
    ['inside the usual time', 700, 700, 'ari'],
    ['much earlier, as after a revocation', 2000, 2000, 'ari'],
    ['before the certificate began', 9000, 2160, 'ari'],
    ['later than we would go', 200, 200, 'ari'],
    ['inside the emergency', 50, 108, 'emergency'],
    ['after expiry', -10, 108, 'emergency'],
  ])('an ARI instant %s', (_, hoursBefore, due, basis) => {
    const expiry = notBefore.getTime() + 2160 * HOUR;
    const ari = ariAt(new Date(expiry - hoursBefore * HOUR));
    expect(judged(2160, { ari })).toMatchObject({ due, basis, emergency: 108, deferral: 72 });
  });

  // Life in hours, the instant drawn in hours before expiry; due, its basis, emergency.
  test.each([
    ['200 days', 4800, 1600, 1600, 'ari', 240],
    ['200 days, inside the emergency', 4800, 100, 240, 'emergency', 240],
    ['90 days', 2160, 720, 720, 'ari', 108],
    ['90 days, a minute before the emergency', 2160, 108 + 1 / 60, 108 + 1 / 60, 'ari', 108],
    ['90 days, inside the emergency', 2160, 107, 108, 'emergency', 108],
    ['64 days', 1536, 512, 512, 'ari', 76.8],
    ['64 days, inside the emergency', 1536, 76, 76.8, 'emergency', 76.8],
    ['45 days', 1080, 360, 360, 'ari', 54],
    ['45 days, inside the emergency', 1080, 53, 54, 'emergency', 54],
    ['45 days, called back at once', 1080, 1079, 1079, 'ari', 54],
    ['160 hours', 160, 80, 80, 'ari', 8],
    ['160 hours, a quarter left', 160, 40, 40, 'ari', 8],
    ['160 hours, inside the emergency', 160, 7, 8, 'emergency', 8],
    ['160 hours, called back at once', 160, 159, 159, 'ari', 8],
  ])('ARI, %s', (_, hours, drawn, due, basis, emergency) => {
    const ari = ariAt(new Date(notBefore.getTime() + (hours - drawn) * HOUR));
    const verdict = judged(hours, { ari });
    expect(verdict).toMatchObject({ basis, emergency });
    expect(verdict.due).toBeCloseTo(due, 6);
  });

  test('160 hours by ARI, a run each day: renewed two nights before the end at the latest', () => {
    const ari = ariAt(new Date(notBefore.getTime() + 140 * HOUR));
    const runIntervalMs = 24 * HOUR;
    expect(judged(160, { ari, runIntervalMs })).toMatchObject({ due: 48, basis: 'emergency', emergency: 48 });
  });

  test.each([
    ['lay before us when it was first seen: names that fail are waited for', -1, true],
    ['was past when it was first seen: the CA means now (RFC 9773 4.2)', 0, false],
  ])('a window that %s', (_, hoursSince, isDeferrable) => {
    const end = new Date(notBefore.getTime() + 100 * HOUR);
    const ari = ariAt(end, new Date(end.getTime() + hoursSince * HOUR));
    const validity = { notBefore, notAfter: new Date(notBefore.getTime() + 2160 * HOUR) };
    const terms = { daysToReplace: 30, ari, ownership: 'ours', kind: 'website' } as const;
    expect(judgeRenewal(validity, terms, end)).toMatchObject({ isDue: true, isDeferrable });
    expect(judgeRenewal(validity, { ...terms, ari: null }, end).isDeferrable).toBe(true);
    expect(judgeRenewal(validity, { ...terms, ownership: 'foreign' }, end).isDeferrable).toBe(true);
  });

  test('ARI does not count for a certificate of others', () => {
    const ari = ariAt(notBefore);
    expect(judged(2160, { ari, ownership: 'foreign' })).toMatchObject({ due: 72, basis: 'foreign-margin' });
  });

  test('a certificate that ends before it begins is due when it ends', () => {
    expect(judged(-5, {})).toMatchObject({ due: 0, emergency: 0, deferral: 0 });
  });
});

describe('for any certificate, policy and instant', () => {
  const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  const policy = fc.record({
    daysToReplace: fc.nat(400),
    ari: fc.option(instant.map(ariAt)),
    ownership: fc.constantFrom('ours' as const, 'foreign' as const),
    kind: fc.constantFrom('website' as const, 'hostname' as const),
  });
  const validity = fc.tuple(instant, fc.integer({ min: 0, max: 1200 * 24 * HOUR })).map(([from, life]) => ({
    notBefore: from,
    notAfter: new Date(from.getTime() + life),
  }));

  test('the point lies inside the life, the emergency never before it, the deferral ends inside', () => {
    fc.assert(
      fc.property(validity, policy, instant, (life, terms, now) => {
        const { dueAt, emergencyAt, deferralEndsAt } = judgeRenewal(life, terms, now);
        for (const at of [dueAt, emergencyAt, deferralEndsAt]) {
          expect(at.getTime()).toBeGreaterThanOrEqual(life.notBefore.getTime());
          expect(at.getTime()).toBeLessThanOrEqual(life.notAfter.getTime());
        }
        expect(emergencyAt.getTime()).toBeGreaterThanOrEqual(dueAt.getTime());
      }),
    );
  });

  test('the instants do not depend on when one asks, and what is due stays due', () => {
    fc.assert(
      fc.property(validity, policy, instant, fc.nat(), (life, terms, now, later) => {
        const first = judgeRenewal(life, terms, now);
        const second = judgeRenewal(life, terms, new Date(now.getTime() + later));
        expect([second.dueAt, second.emergencyAt, second.basis]).toEqual([
          first.dueAt,
          first.emergencyAt,
          first.basis,
        ]);
        expect(second.isDue).toBe(second.isDue || first.isDue);
        expect(second.isEmergency).toBe(second.isEmergency || first.isEmergency);
      }),
    );
  });

  test('an earlier ARI instant never makes it later, and it can be stored and read back', () => {
    fc.assert(
      fc.property(validity, policy, instant, fc.nat(), (life, terms, at, shift) => {
        const due = (when: Date) => judgeRenewal(life, { ...terms, ari: ariAt(when) }, at).dueAt;
        const earlier = due(new Date(at.getTime() - shift));
        expect(earlier.getTime()).toBeLessThanOrEqual(due(at).getTime());
        expect(new Date(earlier.toISOString())).toEqual(earlier);
      }),
    );
  });
});

describe('spread over a sixth of the life', () => {
  test.each([
    ['without a share', 0, 720],
    ['with half of it', 0.5, 720 + 180],
    ['with nearly all of it', 1, 720 + 360],
  ])('%s', (_, spreadShare, due) => {
    expect(judged(2160, { daysToReplace: 60, spreadShare })).toMatchObject({
      due,
      emergency: 108,
      deferral: 72,
    });
  });

  test('what is stored of the CA’s window is not moved, and others’ certificates are not', () => {
    const at = new Date(notBefore.getTime() + 1000 * HOUR);
    expect(judged(2160, { ari: ariAt(at), spreadShare: 1 }).due).toBe(1160);
    expect(judged(2160, { ownership: 'foreign', spreadShare: 1 }).due).toBe(72);
  });

  test.each([
    ['our own', OWN_SPREAD],
    ['of windows', WINDOW_SPREAD],
  ])('shares, %s, are those of the name and, a part of them, of the certificate; and even', (_, spread) => {
    const until = new Date('2026-05-29T02:14:00Z');
    const next = new Date('2026-08-01T00:00:00Z');
    const shareOf = (index: number, notAfter: Date) =>
      spreadShareOf(`site${index}.example`, notAfter, spread);
    const shares = Array.from({ length: 2000 }, (_, index) => shareOf(index, until));
    for (const [index, share] of shares.entries()) {
      expect(shareOf(index, until)).toBe(share);
      const change = Math.abs(shareOf(index, next) - share);
      expect(change).toBeGreaterThan(0);
      expect(change).toBeLessThan(1 - spread.stablePart);
    }
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...shares)).toBeLessThan(1);
    // A sum of two is thinner at both ends.
    for (let tenth = 2; tenth < 8; tenth += 1) {
      const within = shares.filter((share) => share >= tenth / 10 && share < (tenth + 1) / 10).length;
      expect(within).toBeGreaterThan(140);
      expect(within).toBeLessThan(320);
    }
  });
});
