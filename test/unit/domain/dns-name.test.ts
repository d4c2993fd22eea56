import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { closestZone, isWithin, parseDnsName } from '../../../src/core/domain/name/dns-name.js';

describe('a name in DNS', () => {
  test.each([
    ['is lower case without its final dot', 'Example.TEST.', 'example.test'],
    ['may be one label', 'test', 'test'],
    ['may have underscores', '_acme-challenge.a_b.test', '_acme-challenge.a_b.test'],
    ['may begin with a wildcard', '*.example.test', '*.example.test'],
  ])('%s', (_, text, name) => {
    expect(parseDnsName(text)).toBe(name);
  });

  test.each([
    ['nothing', ''],
    ['the root', '.'],
    ['a wildcard alone', '*'],
    ['a wildcard further in', 'a.*.test'],
    ['an empty label', 'a..test'],
    ['a label that begins with a hyphen', '-a.test'],
    ['a label of 64 characters', `${'a'.repeat(64)}.test`],
    ['a name of 254 characters', `${'abcdefghi.'.repeat(25)}abcd`],
    ['a line break', 'a.test\nupdate delete b.test'],
    ['an escaped dot', 'a\\.b.test'],
    ['a slash', 'a/b.test'],
    ['a quote', 'a".test'],
    ['letters beyond ASCII', 'bücher.test'],
  ])('is not %s', (_, text) => {
    expect(parseDnsName(text)).toBeNull();
  });

  const label = fc.stringMatching(/^[a-z0-9_](?:[a-z0-9_-]{0,10}[a-z0-9_])?$/);
  const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));

  test('is the same when it is read twice, and lies within each of its parents', () => {
    fc.assert(
      fc.property(name, (text) => {
        expect(parseDnsName(`${text.toUpperCase()}.`)).toBe(text);
        const labels = text.split('.');
        for (const from of labels.keys()) expect(isWithin(text, labels.slice(from).join('.'))).toBe(true);
      }),
    );
  });

  test('is held by the longest of the zones that hold it at all', () => {
    fc.assert(
      fc.property(name, fc.array(name), (text, zones) => {
        const closest = closestZone(text, zones);
        const holding = zones.filter((zone) => text === zone || text.endsWith(`.${zone}`));
        expect(closest === undefined).toBe(holding.length === 0);
        for (const zone of holding) expect(closest?.length).toBeGreaterThanOrEqual(zone.length);
      }),
    );
  });

  test('is not held by a zone whose name it only ends with', () => {
    expect(closestZone('notours.test', ['ours.test'])).toBeUndefined();
  });
});
