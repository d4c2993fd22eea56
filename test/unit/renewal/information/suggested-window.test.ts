import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseSuggestedWindow } from '../../../../src/core/renewal/information/suggested-window.js';

const LIFE = { notBefore: new Date('2026-06-01T00:00:00Z'), notAfter: new Date('2026-09-01T00:00:00Z') };
const WINDOW = { start: '2026-07-30T00:00:00Z', end: '2026-08-02T00:00:00Z' };

describe('what a renewal information resource says', () => {
  test('is a window, and where the CA explains it', () => {
    const explanationURL = 'https://ca.test/incident/7';
    expect(parseSuggestedWindow({ suggestedWindow: WINDOW, explanationURL, more: 1 }, LIFE)).toEqual({
      startAt: new Date(WINDOW.start),
      endAt: new Date(WINDOW.end),
      explanationUrl: explanationURL,
    });
  });

  test.each<[string, unknown]>([
    ['nothing at all', null],
    ['a list', []],
    ['a text', 'renew!'],
    ['no window', { explanationURL: 'https://ca.test/' }],
    ['a window without an end', { suggestedWindow: { start: WINDOW.start } }],
    ['instants that are numbers', { suggestedWindow: { start: 1, end: 2 } }],
    [
      'instants without a zone',
      { suggestedWindow: { start: '2026-07-30T00:00:00', end: '2026-08-02T00:00:00' } },
    ],
    ['days that no month has', { suggestedWindow: { ...WINDOW, end: '2026-13-42T00:00:00Z' } }],
    ['a window that ends as it begins', { suggestedWindow: { start: WINDOW.start, end: WINDOW.start } }],
    ['a window that ends before it begins', { suggestedWindow: { start: WINDOW.end, end: WINDOW.start } }],
    [
      'a window after the expiry',
      { suggestedWindow: { start: '2026-09-01T00:00:00Z', end: '2027-01-01T00:00:00Z' } },
    ],
    [
      'a window around the whole life',
      { suggestedWindow: { start: '2026-06-01T00:00:00Z', end: '2026-09-01T00:00:00Z' } },
    ],
  ])('%s is of no use, and it is said why', (_, value) => {
    expect(parseSuggestedWindow(value, LIFE)).toEqual({ fault: expect.stringMatching(/^(?:it|its) /) });
  });

  test.each<[string, unknown]>([
    ['a script', 'javascript:alert(1)'],
    ['a file', 'file:///etc/shadow'],
    ['credentials', 'https://root:secret@ca.test/'],
    ['control characters', 'https://ca.test/\u001b[2J'],
    ['a line break', 'https://ca.test/\nBcc: x@y.test'],
    ['an endless one', `https://ca.test/${'a'.repeat(1000)}`],
    ['no address', 'soon'],
    ['a number', 7],
  ])('an explanation with %s is left out, the window holds', (_, explanationURL) => {
    expect(parseSuggestedWindow({ suggestedWindow: WINDOW, explanationURL }, LIFE)).toMatchObject({
      startAt: new Date(WINDOW.start),
      explanationUrl: null,
    });
  });

  test('whatever a CA sends is read without an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (window, explanationURL) => {
        const said = parseSuggestedWindow({ suggestedWindow: window, explanationURL }, LIFE);
        expect('fault' in said || said.startAt < said.endAt).toBe(true);
      }),
    );
  });
});
