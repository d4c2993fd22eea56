import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { caaNamesToAsk } from '../../../src/core/caa/climb.js';
import { parseIssueValue, parseMethods } from '../../../src/core/caa/issue-value.js';
import { judgeCaa } from '../../../src/core/caa/judge.js';
import { zoneLine } from '../../../src/core/caa/zone-line.js';
import {
  parseDomainName,
  parseIpIdentifier,
  parseWildcardName,
} from '../../../src/core/domain/name/names.js';

const ALNUM = [...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789'];
const label = fc
  .tuple(
    fc.constantFrom(...ALNUM),
    fc.array(fc.constantFrom(...ALNUM, '-'), { maxLength: 8 }),
    fc.constantFrom(...ALNUM),
  )
  .map(([first, middle, last]) => first + middle.join('') + last);
const issuer = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const space = fc.array(fc.constantFrom(' ', '\t'), { maxLength: 2 }).map((all) => all.join(''));
const value = fc
  .array(
    fc.integer({ min: 0x21, max: 0x7e }).filter((code) => code !== 0x3b),
    { maxLength: 20 },
  )
  .map((codes) => String.fromCharCode(...codes));
const parameter = fc.record({ tag: label, value });

describe('the way up from a name', () => {
  const name = fc
    .array(label, { minLength: 1, maxLength: 6 })
    .map((labels) => parseDomainName([...labels, 'com'].join('.')));

  test('begins at the name, ends at the top-level domain, and loses one label a step', () => {
    fc.assert(
      fc.property(name, (one) => {
        const asked = caaNamesToAsk(one);
        expect(asked[0]).toBe(one);
        expect(asked.at(-1)).toBe('com');
        expect(asked).toHaveLength(one.split('.').length);
        for (const [index, below] of asked.slice(0, -1).entries()) {
          expect(below.slice(below.indexOf('.') + 1)).toBe(asked[index + 1]);
        }
      }),
    );
  });

  test('is the same for a wildcard as for the domain below which it stands', () => {
    fc.assert(
      fc.property(name, (one) =>
        expect(caaNamesToAsk(parseWildcardName(`*.${one}`))).toEqual(caaNamesToAsk(one)),
      ),
    );
  });

  test.each(['192.0.2.1', '2001:db8::1'])('is none for the address %s', (address) => {
    expect(caaNamesToAsk(parseIpIdentifier(address))).toEqual([]);
  });
});

describe('the value of issue and issuewild', () => {
  test('is read back from whatever the grammar can write (RFC 8659 4.2)', () => {
    const written = fc.tuple(
      fc.option(issuer, { nil: '' }),
      fc.array(parameter, { maxLength: 4 }),
      space,
      space,
    );
    fc.assert(
      fc.property(written, ([name, parameters, a, b]) => {
        const parts = parameters.map((one) => `${a}${one.tag}${b}=${a}${one.value}${b}`);
        const text = a + name + b + (parts.length === 0 ? '' : `;${parts.join(';')}`);
        expect(parseIssueValue(text)).toEqual({
          issuer: name.toLowerCase(),
          parameters: parameters.map((one) => ({ tag: one.tag.toLowerCase(), value: one.value })),
        });
      }),
    );
  });

  test('is never misread: what is accepted holds nothing that the grammar has not', () => {
    const near = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc
        .array(fc.constantFrom('a', 'ca.example', ';', '=', ' ', '\t', '.', '-', '\n', '"', 'é', '%'), {
          maxLength: 12,
        })
        .map((all) => all.join('')),
    );
    fc.assert(
      fc.property(near, (text) => {
        const parsed = parseIssueValue(text);
        if (parsed === null) return;
        expect(text).toMatch(/^[\t -~]*$/);
        expect(parsed.issuer).toMatch(
          /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)?$/,
        );
        expect(text.split(';').length - 1).toBeGreaterThanOrEqual(parsed.parameters.length);
      }),
      { numRuns: 1000 },
    );
  });

  test('is read in a moment however long and hostile it is', () => {
    const hostile = [
      'a-'.repeat(30_000),
      '-'.repeat(60_000),
      'a.'.repeat(30_000),
      ';'.repeat(60_000),
      `a; ${'b'.repeat(60_000)}`,
      `a${' '.repeat(60_000)}!`,
      `a; b=${'\t'.repeat(60_000)}é`,
    ];
    for (const text of hostile) expect(parseIssueValue(text)).toBeNull();
  });

  test.each<[string, readonly string[] | null]>([
    ['', []],
    ['http-01', ['http-01']],
    ['http-01,ca-own', ['http-01', 'ca-own']],
    ['http-01,', null],
    [',', null],
    ['http-01, dns-01', null],
    ['http_01', null],
  ])('the list of methods “%s” (RFC 8657 4)', (text, methods) => {
    expect(parseMethods(text)).toEqual(methods);
  });
});

test('whatever a zone holds, the judgement has an end and every word of it is printable', () => {
  const record = fc.record({
    flags: fc.nat(255),
    tag: fc.oneof(
      fc.constantFrom('issue', 'issuewild', 'iodef', 'ISSUE'),
      fc.string({ unit: 'binary', maxLength: 10 }),
    ),
    value: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constant('ca.example'),
      fc.constant('ca.example; accounturi=x'),
    ),
  });
  const records = fc.array(record, { maxLength: 5 });
  fc.assert(
    fc.property(records, fc.boolean(), fc.string({ unit: 'binary', maxLength: 30 }), (set, isWild, owner) => {
      const outcome = judgeCaa(
        {
          name: isWild ? parseWildcardName('*.x.test') : parseDomainName('x.test'),
          path: [{ state: 'answered', name: 'x.test', owner, records: set }],
        },
        { identities: ['ca.example'], accountUrl: 'https://ca.example/1', methods: ['http-01'] },
      );
      const words = outcome.isAllowed
        ? `${outcome.record}${outcome.foundAt}`
        : `${outcome.message}${outcome.advice}${outcome.foundAt}${outcome.records.join('')}${outcome.addition?.line}`;
      expect(words).toMatch(/^[ -~’“”…]*$/);
    }),
    { numRuns: 1000 },
  );
});

test('a line holds one record: no value can end it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = zoneLine('x.test', { flags: 0, tag: 'issue', value: text });
      const quoted = line.slice('x.test. CAA 0 issue "'.length, -1);
      expect(quoted.replace(/\\(?:\d{3}|["\\])/g, '')).not.toMatch(/["\\\n]/);
    }),
  );
});
