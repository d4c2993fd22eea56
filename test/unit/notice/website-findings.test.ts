import { describe, expect, test } from '@jest/globals';
import type { KnownTrouble } from '../../../src/core/notice/findings/name-trouble.js';
import { failureMattersAt, watchdogAt } from '../../../src/core/notice/findings/thresholds.js';
import {
  judgeWebsiteNotices,
  type KnownWebsite,
} from '../../../src/core/notice/findings/website-findings.js';
import { sawIn } from '../../../src/core/notice/findings/website-saw.js';
import type { RunEvent } from '../../../src/core/report/events/event.js';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-06-01T00:00:00Z');
const MOMENT = { now: NOW, intervalMs: DAY_MS };
const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);
const certificate = (daysLeft: number, life = 90) => ({
  serial: '4A',
  notBefore: inDays(daysLeft - life),
  notAfter: inDays(daysLeft),
  isSelfSigned: false,
});
const event = (code: string, over: Partial<RunEvent> = {}): RunEvent => ({
  type: 'warn',
  code,
  indent: 1,
  account: 'alice',
  vhost: 'a.test',
  contents: `“a.test”: what ${code} says.`,
  ...over,
});

function known(
  over: Partial<Omit<KnownWebsite, 'facts'>> & { readonly facts?: Partial<KnownWebsite['facts']> },
  ...events: RunEvent[]
): KnownWebsite {
  const { facts = {}, ...rest } = over;
  return {
    saw: sawIn(events).get('a.test'),
    installed: null,
    former: null,
    troubles: [],
    ...rest,
    facts: {
      account: 'alice',
      vhost: 'a.test',
      wanted: [
        { name: 'a.test', isService: false },
        { name: 'cpanel.a.test', isService: true },
      ],
      certificate: certificate(60),
      ownership: 'ours',
      broken: [],
      renewal: {
        dueAt: inDays(-1),
        basis: 'lifetime-ratio',
        isDue: true,
        emergencyAt: inDays(50),
        isEmergency: false,
        deferralEndsAt: inDays(50),
        isDeferrable: true,
      },
      secured: ['a.test', 'cpanel.a.test'],
      everCovered: ['a.test', 'cpanel.a.test'],
      wasIssued: true,
      kind: 'replace',
      because: { code: 'RENEWAL_DUE', message: 'Renewal has been due.' },
      ...facts,
    },
  };
}
const kinds = (website: KnownWebsite) =>
  judgeWebsiteNotices(website, MOMENT).findings.map(
    ({ kind, because }) => `${kind.replace(/^notify_(?:autossl_)?/, '')} ${because.code}`,
  );

describe('when it matters that a certificate is not renewed', () => {
  test.each([
    ['90 days: a tenth of its life', 90, 1, 9],
    ['6 days: two nights', 6, 1, 2],
    ['2 days: half its life', 2, 1, 1],
    ['6 days, runs at any time: a tenth', 6, 0, 0.6],
  ])('%s before its end', (_what, life, intervalDays, margin) => {
    expect(watchdogAt(certificate(life, life), intervalDays * DAY_MS)).toEqual(inDays(life - margin));
  });

  test('or three nights after a renewal was due and tried in vain, a tenth of a short life', () => {
    expect(failureMattersAt(certificate(90), inDays(60), DAY_MS)).toEqual(inDays(63));
    expect(failureMattersAt(certificate(90), inDays(80), DAY_MS)).toEqual(inDays(81));
    expect(failureMattersAt(certificate(10, 10), inDays(5), DAY_MS)).toEqual(inDays(6));
  });
});

describe('a certificate that visitors are warned of', () => {
  const revoked = { broken: [{ code: 'REVOKED', message: 'It was revoked.' }] } as const;
  test('is told when it could not be mended, and not while its order pends', () => {
    const refused = event('ORDER_REFUSED', { fault: 'ours' });
    const [finding] = judgeWebsiteNotices(known({ facts: revoked }, refused), MOMENT).findings;
    expect(finding?.because).toEqual({
      code: 'ORDER_REFUSED',
      text: 'It was revoked. What ORDER_REFUSED says.',
    });
    expect(kinds(known({ facts: revoked }, event('ORDER_PENDING')))).toEqual([]);
  });

  test('is not told by a run that a brake ended, nor once it is replaced', () => {
    expect(kinds(known({ facts: revoked }, event('BRAKE', { fault: 'ours' })))).toEqual([]);
    const data = { fingerprint: 'f', names: ['a.test', 'cpanel.a.test'] };
    const installed = event('CERTIFICATE_INSTALLED', { data });
    expect(kinds(known({ facts: revoked, installed: certificate(90) }, installed))).toEqual([
      'renewal RENEWED',
    ]);
  });

  test('that is gone counts as one where there was one of ours', () => {
    const failed = event('TOTAL_DCV_FAILURE', { fault: 'owner', data: { dueAt: null, failing: ['a.test'] } });
    const gone = { certificate: null, ownership: 'none', renewal: null, secured: [] } as const;
    expect(kinds(known({ facts: gone }, failed))).toEqual(['expiry TOTAL_DCV_FAILURE']);
    expect(kinds(known({ facts: { ...gone, wasIssued: false, everCovered: [] } }, failed))).toEqual([]);
  });
});

describe('a name that its CA has paused', () => {
  const trouble: KnownTrouble = {
    domain: 'a.test',
    vhost: 'a.test',
    code: 'NAME_PAUSED',
    message: '“a.test” is paused: …',
    advice: 'Mend it.',
    unpauseUrl: 'https://portal.ca.test/unpause',
  };
  const limited = event('LIMITED_BY_CA');
  test.each<[string, readonly KnownTrouble[], string[]]>([
    ['is told, though its website only waits', [trouble], ['paused_names NAME_PAUSED']],
    ['of another website is not', [{ ...trouble, vhost: 'b.test' }], []],
    ['that is wanted no longer is not', [{ ...trouble, domain: 'gone.a.test' }], []],
    [
      'that is only put aside is not',
      [{ ...trouble, code: 'NAME_WAITS', unpauseUrl: undefined as never }],
      [],
    ],
  ])('%s', (_what, troubles, told) => {
    expect(kinds(known({ troubles }, limited))).toEqual(told);
  });
});

describe('what is published and not served', () => {
  const data = { fingerprint: 'f', names: ['a.test', 'cpanel.a.test'] };
  const events = [
    event('CERTIFICATE_INSTALLED', { data }),
    event('PUBLISHED_NOT_SERVED', { fault: 'ours' }),
  ] as const;
  test.each([
    ['the former one is good for weeks', certificate(20), []],
    ['the former one is nearly over', certificate(5), ['expiry PUBLISHED_NOT_SERVED']],
    ['nothing is known of what is shown', null, ['expiry PUBLISHED_NOT_SERVED']],
  ])('%s', (_what, former, told) => {
    expect(kinds(known({ installed: certificate(90), former }, ...events))).toEqual(told);
  });

  test('is told as renewed when it is served at last', () => {
    const served = event('NOW_SERVED', { type: 'success' });
    expect(kinds(known({ facts: { kind: 'keep' } }, served))).toEqual(['renewal RENEWED']);
  });
});

describe('names', () => {
  const troubles: readonly KnownTrouble[] = [
    {
      domain: 'cpanel.a.test',
      vhost: 'a.test',
      code: 'HTTP_NOT_FOUND',
      message: '“cpanel.a.test” failed the local validation: it answers 404',
      advice: 'Point it here.',
      since: '2026-05-01T00:00:00Z',
      pointsElsewhere: true,
    },
  ];
  test('of an installed certificate that lacks some are told with what is known, or with why else', () => {
    const data = { fingerprint: 'f', names: ['a.test'] };
    const installed = event('CERTIFICATE_INSTALLED', { data });
    const website = known({ installed: certificate(90), troubles }, installed);
    const find = (one: KnownWebsite) =>
      judgeWebsiteNotices(one, MOMENT).findings.find(
        ({ kind }) => kind === 'notify_autossl_renewal_coverage_reduced',
      );
    expect(find(website)?.names).toEqual([
      {
        name: 'cpanel.a.test',
        code: 'HTTP_NOT_FOUND',
        why: 'it answers 404',
        advice: 'Point it here.',
        isServiceName: true,
        wasCovered: true,
        failingSince: new Date('2026-05-01T00:00:00Z'),
        pointsElsewhere: true,
      },
    ]);
    const cut = event('OVER_PROVIDER_LIMIT', { fault: 'owner', data: { names: ['cpanel.a.test'] } });
    expect(find(known({ installed: certificate(90) }, installed, cut))?.names).toMatchObject([
      { code: 'OVER_PROVIDER_LIMIT' },
    ]);
    expect(find(known({ installed: certificate(90) }, installed))?.names).toMatchObject([
      { code: 'NOT_COVERED' },
    ]);
  });

  test('of the server itself are no website’s', () => {
    expect(sawIn([event('CERTIFICATE_INSTALLED', { account: '@server', data: {} })]).size).toBe(0);
  });
});

describe('a website all of whose names are excluded', () => {
  test.each([
    ['near its end', certificate(3)],
    ['over', certificate(-3)],
  ])('is told nothing of its certificate when that is %s, and what was told is over', (_how, given) => {
    const facts = { wanted: [], certificate: given, secured: [], everCovered: [], kind: 'keep' as const };
    const renewal = { isDue: true, dueAt: inDays(-20) } as KnownWebsite['facts']['renewal'];
    expect(judgeWebsiteNotices(known({ facts: { ...facts, renewal } }), MOMENT)).toEqual({
      findings: [],
      isSettled: true,
    });
  });
});

describe('automatic names that DNS does not know', () => {
  const wanted = ['a.test', 'www.a.test', 'mail.a.test', 'mail.b.test', 'shop.a.test'];
  const troubles = wanted.slice(1).map((domain) => ({
    ...{ domain, vhost: 'a.test', code: 'NXDOMAIN', message: `${domain}: no such name`, advice: null },
  }));
  const services = (everCovered: readonly string[], code = 'NXDOMAIN') => {
    const facts = {
      wanted: wanted.map((name) => ({ name, isService: false })),
      secured: ['a.test'],
      everCovered: ['a.test', ...everCovered],
    };
    const { findings } = judgeWebsiteNotices(
      known({ facts, troubles: troubles.map((one) => ({ ...one, code })) }),
      MOMENT,
    );
    return findings.flatMap(({ names }) =>
      names.filter(({ isServiceName }) => isServiceName).map(({ name }) => name),
    );
  };
  test.each([
    ['count as service names: nobody asked for them', services([]), ['www.a.test', 'mail.a.test']],
    ['do not where a certificate covered one', services(['mail.a.test']), ['www.a.test']],
    ['do not where they resolve', services([], 'HTTP_NOT_FOUND'), []],
  ])('%s', (_rule, seen, expected) => {
    expect(seen).toEqual(expected);
  });
});
