import { describe, expect, test } from '@jest/globals';
import {
  attemptAnswered,
  attemptBegun,
  type ChannelDelivery,
  isDeliveryDue,
  untried,
} from '../../../src/core/notice/delivery/delivery.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = new Date('2026-06-01T00:00:00Z');
const inMs = (ms: number): Date => new Date(NOW.getTime() + ms);
const REFUSED = {
  outcome: 'refused',
  ...{ isPermanent: false, isChannelDown: true, mayHaveArrived: false, why: 'it is down' },
} as const;
const tried = (delivery: ChannelDelivery, at: Date): ChannelDelivery =>
  attemptAnswered(attemptBegun(delivery, at), REFUSED, at);

describe('a message that waits, and a clock that was set', () => {
  test.each<[string, number, boolean]>([
    ['not before its pause is over', 4 * HOUR_MS, false],
    ['now, where no pause reaches its instant', 4 * HOUR_MS + 1, true],
    ['now, where its instant is a year ahead', 365 * DAY_MS, true],
  ])('is due %s', (_, aheadMs, isDue) => {
    const delivery = { ...untried(NOW), nextAt: inMs(aheadMs).toISOString() };
    expect(isDeliveryDue(delivery, NOW)).toBe(isDue);
  });

  test('is not given up because the clock is a year ahead for one turn', () => {
    const once = tried(untried(NOW), NOW);
    expect(tried(once, inMs(365 * DAY_MS)).state).toBe('waiting');
  });

  test('is given up after five days of attempts, whatever pauses lie between', () => {
    let delivery = untried(NOW);
    let at = NOW;
    while (delivery.state === 'waiting' && at < inMs(6 * DAY_MS)) {
      delivery = tried(delivery, at);
      at = new Date(delivery.nextAt);
    }
    expect(delivery.state).toBe('given-up');
    expect(Date.parse(delivery.answeredAt ?? '') - NOW.getTime()).toBeGreaterThanOrEqual(5 * DAY_MS);
    expect(Date.parse(delivery.answeredAt ?? '') - NOW.getTime()).toBeLessThan(5 * DAY_MS + 5 * HOUR_MS);
  });
});
