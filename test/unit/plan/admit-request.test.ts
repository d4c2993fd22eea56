import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PlannedAction } from '../../../src/core/plan/action.js';
import { reduceToWildcards } from '../../../src/core/plan/admission/wildcard-reduction.js';
import { type Admission, admitRequest } from '../../../src/core/plan/admit-request.js';
import { planWebsite } from '../../../src/core/plan/plan-website.js';
import { evaluateFake, type FakeCertificate, wantedNames } from '../../support/fake-certificate.js';
import { aWebsite } from '../../support/fake-host.js';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-06-01T00:00:00.000Z');
const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);

interface Situation {
  /** Names wanted, in the order in which they are tried. */
  readonly names: readonly string[];
  /** Those that fail. */
  readonly failing?: readonly string[];
  /** Those of them whose failure is ours. */
  readonly ours?: readonly string[];
  /** What the present certificate secures; undefined = there is none. */
  readonly secured?: readonly string[];
  readonly daysLeft?: number;
  readonly flaws?: FakeCertificate['flaws'];
  readonly isReissueAsked?: boolean;
  readonly limit?: number | null;
  /** The CA wants it replaced now: its window lay in the past when it was first seen. */
  readonly isWantedBack?: boolean;
  /** Domains whose wildcard was validated. */
  readonly wildcardsOf?: readonly string[];
}

function admit(situation: Situation): { readonly admission: Admission; readonly action: PlannedAction } {
  const { names, failing = [], ours = [], secured, daysLeft = 60, flaws = [], limit = 100 } = situation;
  const website = aWebsite(names);
  const present: FakeCertificate | undefined =
    secured === undefined
      ? undefined
      : {
          names: secured,
          notBefore: inDays(daysLeft - 90),
          notAfter: inDays(daysLeft),
          fingerprint: 'x',
          flaws,
        };
  const judged = evaluateFake(website, present, [{ fingerprint: 'x' }], NOW);
  const evaluation =
    judged.renewal === null || situation.isWantedBack !== true
      ? judged
      : { ...judged, renewal: { ...judged.renewal, isDue: true, isDeferrable: false } };
  const reductions = reduceToWildcards(wantedNames(...names), [], (domain) =>
    (situation.wildcardsOf ?? []).includes(domain),
  );
  const action = planWebsite({
    website,
    evaluation,
    replacement: { allowed: true, because: { code: 'OURS', message: '' } },
    wildcards: 'yes',
    pendingOrder: null,
    isReissueAsked: situation.isReissueAsked ?? false,
  });
  const outcomes = wantedNames(...names).map((name) => ({
    name,
    passed: !failing.includes(name),
    fault: ours.includes(name) ? ('ours' as const) : ('owner' as const),
  }));
  return { admission: admitRequest(action, evaluation, outcomes, limit, NOW, reductions), action };
}

/** `asks a,b` (with what it loses and leaves out), or the impediment's code. */
function told({ admission }: ReturnType<typeof admit>): string {
  if (!admission.isAdmitted) return admission.impediment.code;
  const { names, losing, leftOut } = admission.request;
  const lost = losing.length === 0 ? '' : ` loses ${losing.join()}`;
  const cut = leftOut.length === 0 ? '' : ` cuts ${leftOut.map(({ name }) => name).join()}`;
  return `asks ${names.join()}${lost}${cut}`;
}

const A = 'a.test';
const B = 'b.test';
const C = 'c.test';
const SITE = [A, 'www.a.test', 'mail.a.test'];

describe('admission after validation', () => {
  test.each<[string, Situation, string]>([
    ['without a certificate what passes is asked for', { names: [A, B], failing: [B] }, `asks ${A}`],
    ['nothing passes: nothing is asked', { names: [A, B], failing: [A, B] }, 'TOTAL_DCV_FAILURE'],
    [
      'a renewal of which all pass is made',
      { names: [A, B], secured: [A, B], daysLeft: 20 },
      `asks ${A},${B}`,
    ],
    [
      'a renewal waits for a secured name that fails',
      { names: [A, B], secured: [A, B], daysLeft: 20, failing: [B] },
      'SECURED_DOMAIN_DCV_FAILURE',
    ],
    [
      'at the end of the deferral it is made without that name',
      { names: [A, B], secured: [A, B], daysLeft: 3, failing: [B] },
      `asks ${A} loses ${B}`,
    ],
    [
      'it does not wait for a name that is not secured now',
      { names: [A, B], secured: [A], daysLeft: 20, failing: [B] },
      `asks ${A}`,
    ],
    [
      'nor for a name that is no longer wanted (removed, excluded)',
      { names: [A], secured: [A, B], daysLeft: 20 },
      `asks ${A}`,
    ],
    [
      'a defective certificate waits for nobody',
      { names: [A, B], secured: [A, B], failing: [B], flaws: ['KEY_MISMATCH'] },
      `asks ${A} loses ${B}`,
    ],
    [
      'nor does a revoked one, inside the renewal window',
      { names: [A, B], secured: [A, B], daysLeft: 20, failing: [B], flaws: ['REVOKED'] },
      `asks ${A} loses ${B}`,
    ],
    [
      'nor a revoked one long before it',
      { names: [A, B], secured: [A, B], daysLeft: 80, failing: [B], flaws: ['REVOKED'] },
      `asks ${A} loses ${B}`,
    ],
    [
      'what the CA wants back waits for nobody either (RFC 9773 4.2)',
      { names: [A, B], secured: [A, B], failing: [B], isWantedBack: true },
      `asks ${A} loses ${B}`,
    ],
    [
      'the deferral still holds in the minute before its end',
      { names: [A, B], secured: [A, B], daysLeft: 3 + 1 / 1440, failing: [B] },
      'SECURED_DOMAIN_DCV_FAILURE',
    ],
    [
      'all that is secured fails and a new name passes: it waits',
      { names: [A, B], secured: [A], daysLeft: 20, failing: [A] },
      'SECURED_DOMAIN_DCV_FAILURE',
    ],
    [
      'a wildcard is asked for in the place of what it covers',
      { names: SITE, wildcardsOf: [A] },
      `asks ${A},*.${A}`,
    ],
    [
      'a limit of two is enough for three names by a wildcard',
      { names: SITE, secured: SITE, daysLeft: 20, wildcardsOf: [A], limit: 2 },
      `asks ${A},*.${A}`,
    ],
    [
      'a wildcard beyond the limit leaves out all that it covers',
      { names: SITE, wildcardsOf: [A], limit: 1 },
      `asks ${A} cuts www.a.test,mail.a.test`,
    ],
    [
      'another identifier for the same names is no gain',
      { names: [...SITE, B], secured: SITE, failing: [B], wildcardsOf: [A] },
      'NO_UNSECURED_DOMAIN_PASSED_DCV',
    ],
    ['a new name that passes is gained', { names: [A, B], secured: [A] }, `asks ${A},${B}`],
    [
      'nothing is gained when only the new name fails',
      { names: [A, B], secured: [A], failing: [B] },
      'NO_UNSECURED_DOMAIN_PASSED_DCV',
    ],
    [
      'a gain never costs a secured name',
      { names: [A, B, C], secured: [A, B], failing: [B] },
      'SECURED_DOMAIN_DCV_FAILURE',
    ],
    [
      'a wrong key type is gain enough when it was asked for',
      { names: [A], secured: [A], flaws: ['KEY_TYPE_DIFFERS'], isReissueAsked: true },
      `asks ${A}`,
    ],
    ['the limit is put on what passed', { names: [A, B, C], failing: [A], limit: 1 }, `asks ${B} cuts ${C}`],
    ['no limit known: all are asked for', { names: [A, B, C], limit: null }, `asks ${A},${B},${C}`],
    [
      'a valid certificate is kept when the limit would cost a name that it secures',
      { names: [A, B, C], secured: [A, B, C], daysLeft: 20, limit: 2 },
      'PROVIDER_LIMIT_BELOW_SECURED',
    ],
    [
      'a defective one is replaced within the limit',
      { names: [A, B, C], secured: [A, B, C], limit: 2, flaws: ['KEY_MISMATCH'] },
      `asks ${A},${B} cuts ${C}`,
    ],
  ])('%s', (_, situation, expected) => {
    expect(told(admit(situation))).toBe(expected);
  });

  test.each<[string, Situation, string]>([
    ['all by a fault of ours: ours', { names: [A, B], failing: [A, B], ours: [A, B] }, 'ours'],
    ['one by its owner’s: the owner’s', { names: [A, B], failing: [A, B], ours: [A] }, 'owner'],
    [
      'the secured one by ours, another by its owner’s: ours',
      { names: [A, B, C], secured: [A, B], daysLeft: 20, failing: [B, C], ours: [B] },
      'ours',
    ],
    [
      'a limit of the provider is nobody’s fault on this server',
      { names: [A, B, C], secured: [A, B, C], daysLeft: 20, limit: 2 },
      'owner',
    ],
  ])('names failed, %s', (_, situation, fault) => {
    expect(admit(situation).admission).toMatchObject({ isAdmitted: false, impediment: { fault } });
  });

  test('a deferral says until when it lasts and for whom', () => {
    const { admission } = admit({ names: [A, B], secured: [A, B], daysLeft: 20, failing: [B] });
    expect(admission).toMatchObject({
      isAdmitted: false,
      impediment: {
        dueAt: inDays(17),
        failing: [B],
        message: expect.stringContaining(inDays(17).toISOString()),
      },
    });
  });
});

describe('whatever the situation', () => {
  const names = fc.uniqueArray(
    fc.constantFrom(...Array.from({ length: 8 }, (_, index) => `n${index}.test`)),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  const subset = fc.uniqueArray(fc.integer({ min: 0, max: 7 }).map((index) => `n${index}.test`));
  const situation: fc.Arbitrary<Situation> = fc.record({
    names,
    failing: subset,
    secured: fc.oneof(fc.constant([] as string[]), subset),
    daysLeft: fc.integer({ min: -5, max: 89 }),
    flaws: fc.constantFrom<FakeCertificate['flaws']>([], ['KEY_MISMATCH'], ['KEY_TYPE_DIFFERS']),
    isReissueAsked: fc.boolean(),
    limit: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 9 })),
  });

  test('a name is missing only because it failed or because of the limit', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { admission } = admit(given);
        if (!admission.isAdmitted) return;
        const cut = admission.request.leftOut.map(({ name }) => name);
        const missing = given.names.filter(
          (name) => !(admission.request.names as readonly string[]).includes(name),
        );
        for (const name of missing) expect([...(given.failing ?? []), ...cut]).toContain(name);
        if (given.limit === null) expect(cut).toEqual([]);
      }),
    );
  });

  test('no name is asked for that failed, none that was not tried, none twice, never more than the limit', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { admission } = admit(given);
        if (!admission.isAdmitted) return;
        const asked: readonly string[] = admission.request.names;
        for (const name of asked) expect(given.failing).not.toContain(name);
        for (const name of asked) expect(given.names).toContain(name);
        expect(new Set(asked).size).toBe(asked.length);
        expect(asked.length).toBeGreaterThan(0);
        expect(asked.length).toBeLessThanOrEqual(given.limit ?? Number.POSITIVE_INFINITY);
      }),
    );
  });

  test('a usable certificate loses a secured name only after its deferral, and says which', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { admission } = admit(given);
        if (!admission.isAdmitted) return;
        const isUsable = (given.daysLeft ?? 60) > 0 && !(given.flaws ?? []).includes('KEY_MISMATCH');
        const asked: readonly string[] = admission.request.names;
        const lost = (given.secured ?? []).filter(
          (name) => given.names.includes(name) && !asked.includes(name),
        );
        if (isUsable && (given.daysLeft ?? 60) > 3) expect(lost).toEqual([]);
        const cut = admission.request.leftOut.map(({ name }) => name as string);
        expect([...admission.request.losing].sort()).toEqual(
          lost.filter((name) => !cut.includes(name)).sort(),
        );
      }),
    );
  });
});
