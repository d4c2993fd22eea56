import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderJsonDocument } from '../../../src/core/report/text/json-lines.js';
import { renderWhy } from '../../../src/core/report/why/render-why.js';
import { whyReport } from '../../../src/core/report/why/why-report.js';
import { wrapped } from '../../../src/core/report/why/wrapped.js';
import { expectGolden } from '../../support/golden.js';
import { PKI_NOW } from '../../support/pki.js';
import {
  aProblem,
  aSeenPlace,
  failed,
  looked,
  NXDOMAIN,
  PASSED,
  type WhyCase,
  whyFacts,
} from '../../support/why-input.js';

const WIDTHS = [80, 160] as const;
const SCREEN = 24;
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const EVIL = '\u001b[31mred\u0007\u202etset.live\u2028';
const LATER = '2026-06-01T06:00:00.000Z';
const hop = (url: string, status: number, location: string | null) => ({
  url,
  address: '192.0.2.1',
  status,
  location,
});
const TOKEN = 'autossl-preflight-QUJDREVGR0hJSktMTU5PUA';
const PATH = `/.well-known/acme-challenge/${TOKEN}`;
const wrongPage = failed(
  'WRONG_BODY',
  `example.com at 192.0.2.1, redirected to “https://www.example.com${PATH}”, answered with something else than the file: “<!doctype html><title>My shop</title>”`,
  'Let www.example.com deliver files below /.well-known/acme-challenge/ unchanged: a rewrite rule, an application or a cache answers instead.',
);

/** One of everything. */
const CASES: readonly (readonly [string, WhyCase])[] = [
  ['secured', { served: {}, sight: looked(PASSED) }],
  ['NXDOMAIN', { certificate: null, sight: NXDOMAIN, facts: { problems: [aProblem()] } }],
  [
    'a wrong page behind a redirect, at two addresses',
    {
      certificate: null,
      sight: looked(wrongPage, [
        aSeenPlace(wrongPage, {
          address: '2001:db8::7',
          isOurs: false,
          message: `, redirected to “https://www.example.com${PATH}”, answered with something else than the file: “<!doctype html>…”`,
          hops: [
            hop(`http://example.com${PATH}`, 301, `https://www.example.com${PATH}`),
            hop(`https://www.example.com${PATH}`, 200, null),
          ],
        }),
        aSeenPlace(PASSED),
      ]),
      facts: {
        problems: [
          aProblem({ code: 'HTTP_NOT_FOUND', message: '“example.com” failed the local validation: 404' }),
          aProblem({ domain: 'www.example.com' }),
          aProblem({ about: 'website', code: 'TOTAL_DCV_FAILURE', message: 'Impediment' }),
        ],
      },
    },
  ],
  [
    'a renewal that waits',
    {
      daysLeft: 20,
      served: {},
      sight: NXDOMAIN,
      facts: {
        problems: [
          aProblem({ domain: 'www.example.com' }),
          aProblem({
            about: 'website',
            code: 'SECURED_DOMAIN_DCV_FAILURE',
            message:
              '“example.com”: Impediment: SECURED_DOMAIN_DCV_FAILURE: A name waits. Failing: www.example.com.',
          }),
        ],
      },
    },
  ],
  [
    'refused by the provider, and stopped by it',
    {
      certificate: null,
      sight: looked(PASSED),
      facts: {
        memory: {
          schemaVersion: 1,
          name: 'example.com',
          lastPassedAt: null,
          consecutiveFailures: 2,
          caFailures: [{ at: '2026-05-31T23:50:00.000Z', provider: 'LetsEncrypt', code: 'unauthorized' }],
          lastFailure: {
            at: '2026-05-31T23:50:00.000Z',
            code: 'unauthorized',
            message: '192.0.2.1: Invalid response from http://example.com/.well-known/acme-challenge/x: 404',
            source: 'ca',
          },
          nextAttemptAt: LATER,
        },
        ledger: {
          schemaVersion: 1,
          provider: 'LetsEncrypt',
          newOrders: [],
          stoppedUntil: '2026-06-01T01:00:00.000Z',
          stoppedBecause: 'rateLimited: too many new orders (300) from this account in the last 3h0m0s',
        },
      },
    },
  ],
  ['expired', { daysLeft: -3, sight: looked(PASSED) }],
  ['an order', { certificate: null, order: { phase: 'placed', pollAt: '2026-06-01T00:05:00.000Z' } }],
  [
    'CAA',
    {
      certificate: null,
      sight: looked(PASSED),
      caa: {
        isPermitted: false,
        message: 'the CAA record “0 issue "ca.test"” of example.com does not permit LetsEncrypt',
        advice: 'Add to the zone: example.com. CAA 0 issue "letsencrypt.org"',
        fault: 'owner',
        path: [{ domain: 'example.com', answer: '0 issue "ca.test"' }],
      },
    },
  ],
  [
    'CAA that permits',
    {
      sight: looked(PASSED),
      caa: {
        isPermitted: true,
        message: 'no records: every provider may certify the name',
        advice: null,
        fault: 'owner',
        path: [
          { domain: 'example.com', answer: 'no records' },
          { domain: 'com', answer: 'no records' },
        ],
      },
    },
  ],
  [
    'validated by DNS, though HTTP fails',
    { sight: { ...looked(PASSED, [aSeenPlace(wrongPage)]), method: 'dns-01' } as WhyCase['sight'] & object },
  ],
  [
    'validated neither way',
    {
      certificate: null,
      sight: {
        ...looked(
          failed(
            'NO_LOCAL_AUTHORITY',
            'example.com at 192.0.2.1 answered with status 404; by DNS: no zone that this server edits holds example.com',
            'Mend one of both.',
          ),
          [aSeenPlace(wrongPage)],
        ),
        method: 'dns-01',
      } as WhyCase['sight'] & object,
    },
  ],
  [
    'validated by DNS',
    {
      name: '*.example.com',
      names: ['example.com', '*.example.com'],
      certificate: { names: ['*.example.com'] },
      sight: byDns(),
    },
  ],
  ['an exclusion', { holding: 'excluded' }],
  [
    'no look',
    { certificate: null, sight: { state: 'not-looked', why: 'it was not asked for', isOurFault: false } },
  ],
  [
    'not served',
    {
      served: {
        state: 'not-served',
        message: '127.0.0.1:443 still serves the previous certificate',
        advice: 'Reload the web server.',
      },
    },
  ],
  [
    'a placeholder, and no nightly run',
    { certificate: null, schedule: { nextRunAt: null, isPolled: false } },
  ],
  [
    'nobody’s',
    {
      name: 'exmaple.com',
      holding: {
        kind: 'nobody',
        nearest: { account: 'alice', website: 'example.com', name: 'example.com' },
        unreadAccounts: 0,
      },
      sight: {
        state: 'looked',
        method: null,
        whyNotTried: null,
        addresses: [{ address: '198.51.100.7', isOurs: false }],
        lookupError: null,
        places: [],
        outcome: null,
      },
    },
  ],
  ['the hostname', { name: 'server1.example.com', holding: { kind: 'hostname' } }],
];

function byDns(): NonNullable<WhyCase['sight']> {
  return {
    state: 'looked',
    method: 'dns-01',
    whyNotTried: null,
    addresses: null,
    lookupError: null,
    places: [],
    outcome: PASSED,
  };
}

const render = (wish: WhyCase, width: number | null): string =>
  renderWhy(whyReport(whyFacts(wish), PKI_NOW), width);

describe('the answer to why', () => {
  test.each(WIDTHS)('of everything at %i columns (golden)', (width) => {
    const all = CASES.map(([title, wish]) => `# ${title}\n${render(wish, width)}`);
    expectGolden(`report/why-${width}.txt`, all.join('\n'));
  });

  test('follows the terminal, but is never narrower than 80 columns or wider than 160', () => {
    const [, wish] = CASES[2] ?? [];
    for (const [columns, like] of [
      [40, 80],
      [null, 80],
      [400, 160],
    ] as const)
      expect(render(wish ?? {}, columns)).toBe(render(wish ?? {}, like));
    expect(render(wish ?? {}, 120)).not.toBe(render(wish ?? {}, 160));
  });

  test.each(WIDTHS.flatMap((width) => CASES.map(([title, wish]) => [title, width, wish] as const)))(
    'of %s fits on a screen of %i columns',
    (_, width, wish) => {
      const lines = render(wish, width).split('\n').slice(0, -1);
      expect(lines.length).toBeLessThanOrEqual(SCREEN);
      expect(lines.filter((line) => [...line].length > width)).toEqual([]);
    },
  );

  test('as JSON (golden): its keys are documented', () => {
    const [, wish] = CASES[2] ?? [];
    expectGolden('report/why-json.txt', renderJsonDocument(whyReport(whyFacts(wish ?? {}), PKI_NOW)));
  });

  test('what others wrote steers no terminal and takes no more than a screen', () => {
    const long = EVIL.repeat(500);
    const outcome = failed('WRONG_BODY', `example.com at 192.0.2.1 ${long}`, EVIL);
    const places = Array.from({ length: 8 }, (_, index) =>
      aSeenPlace(outcome, {
        message: long,
        hops: Array.from({ length: 20 }, () => hop(`http://${long}/${index}`, 302, long)),
      }),
    );
    const memory = {
      schemaVersion: 1 as const,
      name: 'example.com',
      lastPassedAt: null,
      consecutiveFailures: 1,
      caFailures: [],
      lastFailure: { at: EVIL, code: EVIL, message: long, source: 'ca' as const },
      nextAttemptAt: LATER,
    };
    const problems = [aProblem({ message: long, domain: 'example.com' }), aProblem({ domain: EVIL })];
    const report = whyReport(
      whyFacts({
        certificate: null,
        sight: looked(outcome, places),
        caa: { isPermitted: false, message: long, advice: EVIL, fault: 'owner', path: [] },
        facts: { memory, problems },
      }),
      PKI_NOW,
    );
    for (const text of [renderWhy(report, 80), renderJsonDocument(report)]) {
      expect(text.split('\n').filter((line) => STEERING.test(line))).toEqual([]);
    }
    const lines = renderWhy(report, 80).split('\n');
    expect(lines.filter((line) => [...line].length > 80)).toEqual([]);
    expect(lines.length).toBeLessThan(3 * SCREEN);
  });
});

test('a wrapped text has the same words in lines that are no longer than asked for', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), fc.integer({ min: 5, max: 90 }), (text, width) => {
      const lines = wrapped(text, width);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }),
  );
});
