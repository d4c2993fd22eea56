import { describe, expect, test } from '@jest/globals';
import {
  isCalledBack,
  learnAnswer,
  learnUnoffered,
  type RenewalAnswer,
  type RenewalRecord,
} from '../../../../src/core/renewal/information/renewal-record.js';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-06-01T00:00:00Z');
const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);
const RECORD: RenewalRecord = {
  account: 'alice',
  vhost: 'a.test',
  certificateId: 'AAAA.BBBB',
  provider: 'CustomACME',
  directoryUrl: 'https://ca.test/dir',
  notBefore: inDays(-1),
  notAfter: inDays(89),
  askAt: NOW,
  saidAt: null,
  failures: 0,
  info: null,
};
const said = (from: number, to: number, explanationURL?: string): RenewalAnswer & { state: 'said' } => ({
  state: 'said',
  value: {
    suggestedWindow: { start: inDays(from).toISOString(), end: inDays(to).toISOString() },
    explanationURL,
  },
  retryAt: null,
});
const learn = (record: RenewalRecord, answer: Parameters<typeof learnAnswer>[1], draw: number, now = NOW) =>
  learnAnswer(record, answer, 0, new Uint8Array(6).fill(draw), now);

describe('what is remembered of a CA’s answers', () => {
  test('the instant is drawn once: the same window draws nothing new, whatever the dice', () => {
    const first = learn(RECORD, said(50, 52), 10);
    expect(first).toMatchObject({ isNewWindow: true, fault: null, record: { saidAt: NOW } });
    const again = learn(first.record, said(50, 52), 200, inDays(1));
    expect(again.isNewWindow).toBe(false);
    expect(again.record.info).toEqual(first.record.info);
  });

  test('another window is drawn from anew', () => {
    const first = learn(RECORD, said(50, 52), 10).record;
    const moved = learn(first, said(20, 21, 'https://ca.test/why'), 10, inDays(1));
    expect(moved).toMatchObject({
      isNewWindow: true,
      record: { info: { firstSeenAt: inDays(1), explanationUrl: 'https://ca.test/why' } },
    });
    expect(moved.record.info?.selectedAt.getTime()).toBeLessThan(inDays(21).getTime());
  });

  test('a window that is over before the former begins is remembered as brought forward, wherever it moves then', () => {
    const usual = learn(RECORD, said(50, 52), 10).record;
    expect(usual.info).not.toHaveProperty('isBroughtForward');
    const earlier = learn(usual, said(1, 2), 10).record;
    expect(earlier.info).toMatchObject({ isBroughtForward: true });
    expect(learn(earlier, said(40, 42), 10, inDays(0.1)).record.info).toMatchObject({
      isBroughtForward: true,
    });
    expect(learn(usual, said(49, 51), 10).record.info).not.toHaveProperty('isBroughtForward');
    expect(learn(usual, said(60, 62), 10).record.info).not.toHaveProperty('isBroughtForward');
  });

  test('a window that is over when it is first seen calls the certificate back, and stays what it was when it ages', () => {
    const back = learn(RECORD, said(-2, -1), 10).record.info;
    expect(back !== null && isCalledBack(back)).toBe(true);
    const usual = learn(RECORD, said(50, 52), 10).record;
    const old = learn(usual, said(50, 52), 10, inDays(60)).record.info;
    expect(old !== null && isCalledBack(old)).toBe(false);
  });

  test.each<[string, Parameters<typeof learnAnswer>[1]]>([
    ['a time-out', { state: 'temporary', retryAt: null, why: 'it did not answer' }],
    ['a 404', { state: 'unknown-certificate', why: 'status 404' }],
    ['a 403', { state: 'lasting', retryAt: null, why: 'status 403' }],
    ['nonsense', { state: 'said', value: { suggestedWindow: {} }, retryAt: null }],
    ['a window the wrong way round', said(52, 50)],
  ])('%s changes nothing of what was learnt', (_, answer) => {
    const first = learn(RECORD, said(50, 52), 10).record;
    const after = learn(first, answer, 99, inDays(1));
    expect(after).toMatchObject({ isNewWindow: false, fault: expect.any(String) });
    expect(after.record).toMatchObject({ info: first.info, saidAt: NOW });
  });

  test.each<[boolean, string, Parameters<typeof learnAnswer>[1]]>([
    [true, 'a certificate that it does not know', { state: 'unknown-certificate', why: 'status 404' }],
    [true, 'a window that is none', said(52, 50)],
    [false, 'no answer', { state: 'temporary', retryAt: null, why: 'it did not answer' }],
    [false, 'a page', { state: 'lasting', retryAt: null, why: 'not JSON' }],
  ])('own fault of the certificate: %s for %s', (isItsOwnFault, _, answer) => {
    expect(learn(RECORD, answer, 10)).toMatchObject({ isItsOwnFault, fault: expect.any(String) });
  });

  test('a window that a clock far ahead saw first, and took for over, is drawn from anew', () => {
    const ahead = learn(RECORD, said(50, 52), 10, inDays(60)).record;
    expect(ahead.info !== null && isCalledBack(ahead.info)).toBe(true);
    const right = learn(ahead, said(50, 52), 10, inDays(1));
    expect(right.isNewWindow).toBe(true);
    expect(right.record.info !== null && isCalledBack(right.record.info)).toBe(false);
  });
});

describe('a CA that is found to offer no renewal information any more', () => {
  const known = learn(RECORD, said(50, 52), 10).record;
  const look = (record: RenewalRecord | null, days: number): RenewalRecord | null =>
    record === null ? null : learnUnoffered(record, 0, inDays(days));

  test.each<[string, readonly number[], boolean]>([
    ['once', [0], true],
    ['often within a day', [0, 0.1, 0.2, 0.3, 0.9], true],
    ['twice, two days apart', [0, 2], true],
    ['for a day in three looks', [0, 0.5, 1], false],
    ['first by a clock that was ahead', [30, 0, 0.5], true],
  ])('%s: what was drawn stays: %p', (_, days, isKept) => {
    const after = days.reduce<RenewalRecord | null>(look, known);
    expect(after !== null).toBe(isKept);
    if (after !== null) expect(after.info).toEqual(known.info);
  });

  test('any other answer of it begins the count anew, no answer does not', () => {
    const twice = look(look(known, 0), 0.5);
    if (twice === null) throw new Error('it was forgotten');
    const silent = learn(twice, { state: 'temporary', retryAt: null, why: 'silent' }, 10, inDays(0.6)).record;
    expect(look(silent, 1)).toBeNull();
    const spoke = learn(twice, said(50, 52), 10, inDays(0.6)).record;
    expect(spoke).not.toHaveProperty('unoffered');
    expect(look(spoke, 1)).not.toBeNull();
  });

  test('nothing is kept where nothing was ever said', () => {
    expect(look(RECORD, 0)).toBeNull();
  });
});
