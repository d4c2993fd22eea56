import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderCsv, renderPlot } from '../../../src/core/rehearsal/rehearsal-plot.js';
import { renderRehearsal } from '../../../src/core/rehearsal/rehearsal-table.js';
import { rehearse } from '../../../src/core/rehearsal/rehearse.js';
import { DAY_MS, HOUR_MS, type Scenario, syntheticWebsites } from '../../../src/core/rehearsal/scenario.js';
import { SortedQueue } from '../../../src/core/rehearsal/sorted-queue.js';
import { expectGolden } from '../../support/golden.js';
import { TEST_SEED } from '../../support/seeded-chance.js';

const isLong = process.env['LONG'] === '1';
/** The whole fleet in the long form; our share of the orders is in proportion to it. */
const FLEET = 10_000;
const CAP_OF_FLEET = 150;
const WEBSITES = isLong ? FLEET : 600;
const beginsAt = Date.parse('2026-01-01T00:00:00Z');
const LIVES: readonly (readonly [string, number])[] = [
  ['200 days', 200 * DAY_MS],
  ['90 days', 90 * DAY_MS],
  ['64 days', 64 * DAY_MS],
  ['45 days', 45 * DAY_MS],
  ['160 hours', 160 * HOUR_MS],
];

function scenarioOf(lifeMs: number, changed: Partial<Scenario> & { readonly count?: number } = {}): Scenario {
  const { count = WEBSITES, ...rest } = changed;
  return {
    beginsAt,
    days: 365,
    lifeMs,
    websites: syntheticWebsites(count, lifeMs, beginsAt),
    daysToReplace: 29,
    runIntervalMs: DAY_MS,
    newOrdersCap: Math.ceil((CAP_OF_FLEET * count) / FLEET),
    hasRenewalInfo: true,
    incidents: [],
    outages: [],
    seed: TEST_SEED,
    ...rest,
  };
}

const isSlow = (lifeMs: number): boolean => lifeMs > 100 * DAY_MS;
/** So many that a day is not mere chance: a hundred orders or so. */
const countOf = (lifeMs: number): number =>
  isLong || lifeMs < 10 * DAY_MS ? WEBSITES : isSlow(lifeMs) ? FLEET : 2000;

describe('a year of a server whose websites were all secured at once', () => {
  test.each(LIVES)('%s: nothing expires, and orders spread', (_, lifeMs) => {
    // Of 200 days a year holds hardly two cycles; and of few websites a day is but chance.
    const days = isSlow(lifeMs) ? 900 : 365;
    const result = rehearse(scenarioOf(lifeMs, { days, count: countOf(lifeMs) }));
    expect(result).toMatchObject({ expired: 0, rateLimitedNights: 0 });
    expect(result.leastMarginMs).toBeGreaterThan(lifeMs / 20);
    expect(result.peak).not.toBeNull();
    expect(result.peak).toBeGreaterThan(0);
    expect(result.peak).toBeLessThanOrEqual(3 * (result.mean ?? 0));
  });

  test.each(LIVES)('%s: through incidents and outages of 1, 3 and 5 days', (_, lifeMs) => {
    const result = rehearse(
      scenarioOf(lifeMs, {
        count: countOf(lifeMs),
        incidents: [100, 280],
        outages: [
          { fromDay: 150, days: 1 },
          { fromDay: 200, days: 3 },
          { fromDay: 300, days: 5 },
        ],
      }),
    );
    // Only 160 hours leave less time than five days.
    const isShort = lifeMs < 10 * DAY_MS;
    expect(result.expired).toBe(result.expiredInOutage);
    if (isShort) expect(result.expiredInOutage).toBeGreaterThan(0);
    else expect(result.expired).toBe(0);
    expect(result.rateLimitedNights).toBe(0);
    expect(result.peak).toBeLessThanOrEqual(3 * (result.mean ?? 0));
    for (const hours of result.incidentHours) expect(hours).toBeLessThan(24);
  });

  // A CA that counts renewals, too: lives of 160 hours are more than such a limit lets through.
  test.each(LIVES.slice(0, 4))(
    '%s without renewal information: nothing expires, and orders spread',
    (_, lifeMs) => {
      const result = rehearse(
        scenarioOf(lifeMs, {
          hasRenewalInfo: false,
          days: isSlow(lifeMs) ? 900 : 365,
          count: countOf(lifeMs),
        }),
      );
      expect(result).toMatchObject({ expired: 0, rateLimitedNights: 0 });
      expect(result.peak).toBeGreaterThan(0);
      expect(result.peak).toBeLessThanOrEqual(3 * (result.mean ?? 0));
    },
  );

  test.each(LIVES.slice(0, 4))(
    '%s without renewal information, through an outage: nothing expires',
    (_, lifeMs) => {
      const outages = [{ fromDay: 150, days: 5 }];
      const result = rehearse(scenarioOf(lifeMs, { hasRenewalInfo: false, outages }));
      expect(result).toMatchObject({ expired: 0, rateLimitedNights: 0 });
    },
  );
});

describe('a rehearsal', () => {
  const small = (changed: Partial<Scenario> = {}) =>
    rehearse(scenarioOf(45 * DAY_MS, { count: 50, days: 120, seed: 7, ...changed }));

  test('is the same again with the same seed, and another with another', () => {
    expect(small()).toEqual(small());
    expect(small({ seed: 8 }).daily).not.toEqual(small().daily);
  });

  test('says what expired while no CA could be reached', () => {
    const result = small({ outages: [{ fromDay: 10, days: 40 }] });
    expect(result.expired).toBe(50);
    expect(result.expiredInOutage).toBe(50);
  });

  test('says what expired because limits held it back', () => {
    const websites = syntheticWebsites(50, 160 * HOUR_MS, beginsAt);
    const allowance = {
      judge: () =>
        ({ mayOrder: false, because: 'STOPPED_BY_CA', until: new Date(beginsAt + 300 * DAY_MS) }) as const,
      count: () => undefined,
      stop: () => undefined,
    };
    const result = rehearse(scenarioOf(160 * HOUR_MS, { websites, days: 30 }), allowance);
    expect(result).toMatchObject({ orders: 0, expired: 50, expiredInOutage: 0 });
  });

  test('meets the limit of a CA that it orders at beyond measure', () => {
    const websites = syntheticWebsites(2000, 45 * DAY_MS, beginsAt).map((one) => ({
      ...one,
      notBefore: null,
      notAfter: null,
    }));
    const result = rehearse(scenarioOf(45 * DAY_MS, { websites, days: 5, newOrdersCap: 100_000 }));
    expect(result.rateLimitedNights).toBeGreaterThan(0);
    expect(
      rehearse(scenarioOf(45 * DAY_MS, { websites, days: 5, newOrdersCap: 150 })).rateLimitedNights,
    ).toBe(0);
  });

  test('as a table and as a plot', () => {
    const bad = { incidents: [40], outages: [{ fromDay: 60, days: 40 }] };
    const results = [
      small(),
      small(bad),
      rehearse(scenarioOf(200 * DAY_MS, { count: 50, days: 120, seed: 7 })),
    ];
    for (const width of [80, 160]) {
      const lines = [...renderRehearsal(results, 120, ['As the tests have it.'], width)];
      expect(Math.max(...lines.slice(0, 4).map((line) => line.length))).toBeLessThanOrEqual(width);
      expectGolden(`report/rehearsal-${width}.txt`, `${lines.join('\n')}\n`);
    }
    expectGolden('report/rehearsal.svg', renderPlot(results));
    expect(renderCsv(results).split('\n').slice(0, 2)).toEqual(['day,45d,45d,200d', '0,0,0,0']);
  });
});

test('a queue gives what is first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const queue = new SortedQueue<number>((a, b) => a - b);
      for (const number of numbers) queue.add(number);
      const taken = numbers.map(() => queue.take());
      expect(taken).toEqual([...numbers].sort((a, b) => a - b));
      expect(queue.take()).toBeUndefined();
    }),
  );
});
