import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { halve } from '../../../src/core/plan/install/install-halving.js';
import { judgeLiveness, type ServerLiveness } from '../../../src/core/plan/install/install-liveness.js';

describe('a batch that fails', () => {
  test('has its culprit when it is one alone', () => {
    expect(halve(['a'])).toEqual({ culprit: 'a' });
  });
  test('is split in halves', () => {
    expect(halve(['a', 'b', 'c'])).toEqual({ parts: [['a', 'b'], ['c']] });
  });
  test('gives those that the server names alone first', () => {
    expect(halve(['a', 'b', 'c'], (one) => one === 'b')).toEqual({ parts: [['b'], ['a', 'c']] });
  });
  test('is halved as ever when all are named', () => {
    expect(halve(['a', 'b'], () => true)).toEqual({ parts: [['a'], ['b']] });
  });
  test('is not empty', () => {
    expect(() => halve([])).toThrow(RangeError);
  });

  /** What a transaction does: tries a part, splits it when the server refuses. */
  function isolate(
    batch: readonly number[],
    culprits: ReadonlySet<number>,
    isNamed: (one: number) => boolean,
  ) {
    const found: number[] = [];
    const passed: number[] = [];
    let tests = 0;
    const attempt = (part: readonly number[]): void => {
      tests++;
      if (!part.some((one) => culprits.has(one))) passed.push(...part);
      else {
        const halving = halve(part, isNamed);
        if ('culprit' in halving) found.push(halving.culprit);
        else for (const half of halving.parts) attempt(half);
      }
    };
    attempt(batch);
    return { found, passed, tests };
  }

  test('loses its culprits and nothing else, in few tests', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.nat(199), { maxLength: 5 }),
        fc.func(fc.boolean()),
        (size, bad, isNamed) => {
          const batch = Array.from({ length: size }, (_, index) => index);
          const culprits = new Set(bad.filter((one) => one < size));
          const outcome = isolate(batch, culprits, (one) => isNamed(one));
          expect(new Set(outcome.found)).toEqual(culprits);
          expect(outcome.found).toHaveLength(culprits.size);
          expect([...outcome.found, ...outcome.passed].sort((a, b) => a - b)).toEqual(batch);
          const plain = isolate(batch, culprits, () => false);
          expect(plain.tests).toBeLessThanOrEqual(1 + 2 * culprits.size * Math.ceil(Math.log2(size)));
        },
      ),
    );
  });
});

describe('a server after a reload', () => {
  const running: ServerLiveness = {
    isAlive: true,
    masterPid: 10,
    startToken: '10.5.x',
    listening: ['127.0.0.1:443', '[::1]:443'],
    isListening: true,
  };
  const dead: ServerLiveness = {
    isAlive: false,
    masterPid: null,
    startToken: null,
    listening: [],
    isListening: false,
  };
  const unknown: ServerLiveness = {
    isAlive: null,
    masterPid: null,
    startToken: null,
    listening: null,
    isListening: null,
  };

  test.each<[string, ServerLiveness, ServerLiveness, string | null]>([
    ['is the same', running, running, null],
    [
      'may listen on more',
      running,
      { ...running, listening: [...(running.listening ?? []), '0.0.0.0:80'] },
      null,
    ],
    ['may hide its sockets', running, { ...running, listening: null, isListening: null }, null],
    ['may be unknown', unknown, unknown, null],
    ['may have been started', dead, running, null],
    ['must not die', running, dead, 'the web server (pid 10) died'],
    ['must run at all', dead, dead, 'the web server does not run'],
    [
      'must be the same process',
      running,
      { ...running, masterPid: 11, startToken: '11.7.x' },
      'the web server (pid 10) died and another one runs (pid 11)',
    ],
    [
      'must not be a later process with the same pid',
      running,
      { ...running, startToken: '10.9.x' },
      'the web server (pid 10) died and another one runs (pid 10)',
    ],
    [
      'must listen where it did',
      running,
      { ...running, listening: ['127.0.0.1:443'] },
      'the web server no longer listens on [::1]:443',
    ],
    [
      'must listen somewhere',
      { ...running, listening: null },
      { ...running, listening: [], isListening: false },
      'the web server listens nowhere',
    ],
  ])('%s', (_, before, after, why) => {
    expect(judgeLiveness(before, after)).toEqual(why === null ? { ok: true } : { ok: false, why });
    const ofService = why?.replace('web server', 'service') ?? null;
    expect(judgeLiveness(before, after, 'service')).toEqual(
      ofService === null ? { ok: true } : { ok: false, why: ofService },
    );
  });
});
