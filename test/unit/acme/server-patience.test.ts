import { describe, expect, test } from '@jest/globals';
import { waitBeforeRepeat } from '../../../src/adapters/acme/server-patience.js';

const NOW = new Date('2026-11-22T12:00:00Z');
const inSeconds = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

describe('a CA that cannot now', () => {
  test.each([
    ['a fault of a server is over in half a second', 500, null, 1, 500],
    ['the second one in a second', 502, null, 2, 1000],
    ['the third in two', 503, null, 3, 2000],
    ['after that it is for the queue', 503, null, 4, null],
    ['its own wait is obeyed', 503, 7, 1, 7000],
    ['its own wait is obeyed, though we would wait longer', 503, 1, 3, 1000],
    ['a wait that is over is a short one all the same', 503, 0, 1, 500],
    ['a long wait is for the queue', 503, 16, 1, null],
    ['a limit that ends in seconds is waited for', 429, 3, 1, 3000],
    ['a limit whose end nobody knows is not', 429, null, 1, null],
    ['a limit of hours is not', 429, 3600, 1, null],
    ['what was refused for good is not asked again', 403, 1, 1, null],
    ['nor what went wrong on our side', 400, null, 1, null],
  ])('%s', (_, status, retryInSeconds, repeat, waitMs) => {
    const retryAt = retryInSeconds === null ? null : inSeconds(retryInSeconds);
    expect(waitBeforeRepeat({ status, retryAt }, repeat, NOW)).toBe(waitMs);
  });
});
