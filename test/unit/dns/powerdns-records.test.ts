import { describe, expect, test } from '@jest/globals';
import { patchesFor, recordSetsOf } from '../../../src/adapters/dns/editors/powerdns-records.js';
import type { ZoneChange } from '../../../src/runs/ports/zones.js';

const NAME = '_acme-challenge.ours.test';
const add = (value: string): ZoneChange => ({ op: 'add', name: NAME, type: 'TXT', value });
const remove = (value: string): ZoneChange => ({ op: 'remove', name: NAME, type: 'TXT', value });
const setOf = (...contents: readonly string[]) => [
  {
    name: `${NAME}.`,
    type: 'TXT' as const,
    ttl: 300,
    records: contents.map((content) => ({ content, disabled: false })),
  },
];
const replaced = (ttl: number, ...contents: readonly string[]) => [
  {
    changetype: 'REPLACE',
    name: `${NAME}.`,
    type: 'TXT',
    ttl,
    records: contents.map((content) => ({ content, disabled: false })),
  },
];

describe('the sets that PowerDNS is sent', () => {
  test.each<[string, readonly ZoneChange[], ReturnType<typeof setOf> | [], unknown]>([
    ['a first record makes a set with our TTL', [add('a')], [], replaced(60, '"a"')],
    ['another joins what is there, whose TTL stays', [add('b')], setOf('"a"'), replaced(300, '"a"', '"b"')],
    ['two of one name are one set', [add('a'), add('b')], [], replaced(60, '"a"', '"b"')],
    ['what is there already is not sent', [add('a')], setOf('"a"'), []],
    ['what is there in another spelling is not sent', [add('ab c')], setOf('"ab" " c"'), []],
    ['what is there with its quotes escaped is not sent', [add('a"b\\')], setOf('"a\\"b\\\\"'), []],
    ['one is taken away by its value', [remove('a')], setOf('"a"', '"b"'), replaced(300, '"b"')],
    [
      'the last one takes the set with it',
      [remove('a')],
      setOf('"a"'),
      [{ changetype: 'DELETE', name: `${NAME}.`, type: 'TXT' }],
    ],
    ['what is not there is not taken away', [remove('a')], setOf('"b"'), []],
    ['nor is anything of a set that is not there', [remove('a')], [], []],
  ])('%s', (_, changes, present, patches) => {
    expect(patchesFor(changes, present)).toEqual(patches);
  });

  test('a disabled record is none, and stays', () => {
    const [set] = setOf('"a"');
    const present = [{ ...set!, records: [{ content: '"a"', disabled: true }] }];
    expect(patchesFor([add('a')], present)).toMatchObject([
      {
        records: [
          { content: '"a"', disabled: true },
          { content: '"a"', disabled: false },
        ],
      },
    ]);
    expect(patchesFor([remove('a')], present)).toEqual([]);
  });
});

describe('what PowerDNS tells of a zone', () => {
  test('is taken where it is understood; other types are passed over', () => {
    const [set] = setOf('"a"');
    expect(
      recordSetsOf({
        rrsets: [
          { ...set, comments: [] },
          { name: 'x.', type: 'SOA' },
        ],
      }),
    ).toEqual([set]);
  });

  test.each([
    ['is no object', 'error'],
    ['has no sets', {}],
    ['has a set without TTL', { rrsets: [{ name: 'x.', type: 'TXT', records: [] }] }],
    ['has a record without content', { rrsets: [{ name: 'x.', type: 'TXT', ttl: 1, records: [{}] }] }],
  ])(
    'is refused as a whole when it %s: replacing a set would take away what was not understood',
    (_, answer) => {
      expect(recordSetsOf(answer)).toBeNull();
    },
  );
});
