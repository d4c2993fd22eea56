import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PLACEHOLDER_ORGANIZATION } from '../../../src/core/certificate/placeholder.js';
import { StatusTally } from '../../../src/core/report/status/status-counts.js';
import { renderStatusDetails } from '../../../src/core/report/status/status-details.js';
import {
  brokenAccountRow,
  compareRows,
  renderStatusTable,
  STATUS_SORTS,
  statusRow,
} from '../../../src/core/report/status/status-table.js';
import { WebsiteListDocument } from '../../../src/core/report/status/website-list.js';
import { type WebsiteStatus, websiteStatus } from '../../../src/core/report/status/website-status.js';
import { renderColumns } from '../../../src/core/report/text/columns.js';
import { expectGolden } from '../../support/golden.js';
import { PKI_NOW } from '../../support/pki.js';
import { aPlace, type StatusCase, statusInput } from '../../support/status-input.js';

const judge = (wish: StatusCase): WebsiteStatus => {
  const status = websiteStatus(statusInput(wish), PKI_NOW);
  const { issued, served } = status;
  // Keys are drawn anew each time.
  const print = 'f'.repeat(64);
  return {
    ...status,
    issued: issued && { ...issued, fingerprint: print },
    served: { ...served, expected: served.expected && print },
  };
};

/** Something of everything. */
const STATUSES = (): readonly WebsiteStatus[] =>
  (
    [
      { names: ['fine.test', 'www.fine.test', 'mail.fine.test'], served: {} },
      { names: ['late.test'], daysLeft: 2.5, served: { at: '2026-05-20T00:00:00Z' } },
      { names: ['gone.test', 'www.gone.test'], daysLeft: -12, account: 'bob' },
      {
        names: ['lacks.test', 'www.lacks.test', 'shop.lacks.test'],
        certificate: { names: ['lacks.test'] },
        served: { state: 'unknown', at: '2026-05-31T23:59:40Z' },
        account: 'bob',
      },
      { names: ['none.test'], certificate: null, account: 'bob' },
      {
        names: ['first.test'],
        certificate: {
          issuer: 'self',
          subject: { '2.5.4.3': 'first.test', '2.5.4.10': PLACEHOLDER_ORGANIZATION },
        },
        isOurs: false,
        account: 'carol',
      },
      { names: ['own.test'], certificate: { issuer: 'self' }, isOurs: false, account: 'carol' },
      { names: ['bought.test'], isOurs: false, daysLeft: 80, account: 'carol' },
      {
        names: ['a-website-with-a-very-long-name-indeed.and-a-long-domain.example', 'www.example.com'],
        served: {
          state: 'not-served',
          code: 'OTHER_WEBSITES_CERTIFICATE',
          message: '127.0.0.1:443 serves the certificate of fine.test',
          advice: 'Let the site of example.com name /combined as its certificate.',
          places: [aPlace('e'.repeat(64)), aPlace(null, 'ECONNREFUSED')],
          namesWithoutSite: ['www.example.com'],
        },
        problems: [
          {
            domain: 'www.example.com',
            code: 'NXDOMAIN',
            message: 'www.example.com does not exist',
            advice: 'Create it.',
            fault: 'owner',
            at: '2026-05-31T00:00:00.000Z',
          },
        ],
        order: { phase: 'placed', pollAt: '2026-06-01T00:05:00.000Z' },
        account: 'dave',
      },
    ] satisfies StatusCase[]
  ).map(judge);

const plain = (_: unknown, line: string): string => line;
const table = (width: number | null, paint: Parameters<typeof renderStatusTable>[2] = plain): string[] => [
  ...renderStatusTable(
    [brokenAccountRow('aaron'), ...STATUSES().map((status) => statusRow(status, PKI_NOW))],
    width,
    paint,
  ),
];

describe('the table of websites', () => {
  test('in a pipe: nothing is shortened', () => {
    expectGolden('report/status-pipe.txt', `${table(null).join('\n')}\n`);
  });

  test.each([80, 160])('on a terminal of %d columns', (width) => {
    const lines = table(width);
    expectGolden(`report/status-${width}.txt`, `${lines.join('\n')}\n`);
    expect(lines.filter((line) => [...line].length > width)).toEqual([]);
  });

  test('is never narrower than 80 columns', () => {
    expect(table(20)).toEqual(table(80));
  });

  test('marks what is wrong', () => {
    const marked = table(null, (tone, line) => `${tone} ${line}`).slice(1);
    expect(marked.map((line) => line.split(' ')[0])).toEqual([
      'error',
      'out',
      'warn',
      'error',
      'warn',
      'error',
      'error',
      'error',
      'out',
      'error',
    ]);
  });

  test.each(STATUS_SORTS)('sorted by %s', (sort) => {
    const rows = STATUSES().map((status) => statusRow(status, PKI_NOW));
    expectGolden(
      `report/status-by-${sort}.txt`,
      `${rows
        .sort(compareRows(sort))
        .map(({ cells }) => [cells[0], cells[1], cells[4], cells[7]].join(' '))
        .join('\n')}\n`,
    );
  });
});

test('the details of one website', () => {
  expectGolden('report/status-details.txt', STATUSES().map(renderStatusDetails).join('\n'));
});

test('the counts, in words and as data', () => {
  const tally = new StatusTally();
  for (const status of STATUSES()) tally.add(status, status.conditions.includes('failing'));
  expect(tally.summary()).toBe(
    '9 websites (5 shown): 2 ok, 1 incomplete, 1 expired, 1 expiring, 5 failing, 1 not-served, 1 pending, 1 foreign.',
  );
  tally.addBrokenAccount();
  expect(tally.counts()).toEqual({
    websites: 9,
    shown: 5,
    ok: 2,
    incomplete: 1,
    expired: 1,
    expiring: 1,
    failing: 5,
    notServed: 1,
    pending: 1,
    foreign: 1,
    brokenAccounts: 1,
  });
  expect(tally.summary()).toContain('1 foreign, 1 broken account.');
  expect([tally.has(['expired', 'ok']), tally.has([]), new StatusTally().has(['ok'])]).toEqual([
    true,
    false,
    false,
  ]);
});

describe('a document that is written website by website', () => {
  const end = { leftOut: [], faults: [], isComplete: true, counts: { websites: 0 } };

  test.each([0, 1, 3])('is one JSON value with %d websites', (count) => {
    const document = new WebsiteListDocument({ at: PKI_NOW.toISOString() });
    const websites = STATUSES().slice(0, count);
    const text = [...websites.map((one) => document.website(one)), document.end(end)].join('');
    expect(JSON.parse(text)).toEqual({ schemaVersion: 1, at: PKI_NOW.toISOString(), websites, ...end });
  });

  test('has no character that steers a terminal, whatever is put into it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const document = new WebsiteListDocument({ name });
        const text = document.website({ name }) + document.end({ ...end, counts: { name } });
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(JSON.parse(text)).toMatchObject({ name, websites: [{ name }], counts: { name } });
      }),
    );
  });
});

describe('columns', () => {
  const cell = fc.string({ unit: 'grapheme-ascii', maxLength: 200 });
  const columns = [
    { title: 'A', leastWidth: 10 },
    { title: 'Number', leastWidth: 6, isNumber: true },
    { title: 'Long title', leastWidth: 10 },
  ];

  test('never pass the width, and what is shortened says so', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 10 }),
        fc.integer({ min: 80, max: 300 }),
        (rows, width) => {
          const lines = [...renderColumns(columns, rows, width)];
          expect(lines).toHaveLength(rows.length + 1);
          for (const [index, line] of lines.slice(1).entries()) {
            expect(line.length).toBeLessThanOrEqual(width);
            const isWhole = rows[index]?.every((one) => line.includes(one.trimEnd()));
            expect(isWhole || line.includes('…')).toBe(true);
          }
        },
      ),
    );
  });

  test('are as wide as their widest cell without a width, and begin under their titles', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 10 }), (rows) => {
        const [title = '', ...lines] = [...renderColumns(columns, rows, null)];
        const at = title.indexOf('Long title');
        for (const [index, line] of lines.entries()) {
          expect(line.slice(at)).toBe((rows[index]?.[2] ?? '').trimEnd());
        }
      }),
    );
  });
});
