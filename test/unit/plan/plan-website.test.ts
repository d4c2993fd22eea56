import { describe, expect, test } from '@jest/globals';
import type { Evaluation } from '../../../src/core/evaluation/evaluation.js';
import type { WildcardAbility } from '../../../src/core/plan/action.js';
import { type PlanInput, planWebsite } from '../../../src/core/plan/plan-website.js';
import { defectOf, evaluateFake, type FakeCertificate, wantedNames } from '../../support/fake-certificate.js';
import { aWebsite } from '../../support/fake-host.js';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-06-01T00:00:00.000Z');
const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);
const NAMES = ['a.test', 'www.a.test'];
const website = aWebsite(NAMES);

const certificate = (daysLeft: number, over: Partial<FakeCertificate> = {}): FakeCertificate => ({
  names: NAMES,
  notBefore: inDays(daysLeft - 90),
  notAfter: inDays(daysLeft),
  fingerprint: 'ours',
  ...over,
});
const judged = (found?: FakeCertificate): Evaluation =>
  evaluateFake(website, found, [{ fingerprint: 'ours' }], NOW);
const OURS: PlanInput['replacement'] = { allowed: true, because: { code: 'OURS', message: 'It is ours.' } };
const FOREIGN: PlanInput['replacement'] = {
  allowed: false,
  because: { code: 'FOREIGN', message: 'It is foreign.' },
};

const plan = (evaluation: Evaluation, over: Partial<PlanInput> = {}) =>
  planWebsite({
    website,
    evaluation,
    replacement: OURS,
    wildcards: 'unsupported',
    pendingOrder: null,
    isReissueAsked: false,
    ...over,
  });

describe('what is to be done for a website', () => {
  test.each<[string, Evaluation, Partial<PlanInput>, string, string[]]>([
    ['no certificate is requested, as new', judged(), {}, 'request new', ['CERTIFICATE_ABSENT']],
    ['a valid certificate is kept', judged(certificate(60)), {}, 'keep', ['VALID']],
    ['one inside its renewal window is replaced', judged(certificate(20)), {}, 'replace', ['RENEWAL_DUE']],
    ['one at its last days is an emergency', judged(certificate(2)), {}, 'replace', ['EMERGENCY']],
    [
      'an expired one is replaced, as new',
      judged(certificate(-1)),
      {},
      'replace new',
      ['CERTIFICATE_EXPIRED'],
    ],
    [
      'a broken one is replaced, as new, for every reason there is',
      judged(certificate(60, { flaws: ['KEY_MISMATCH', 'WEAK_SIGNATURE'] })),
      {},
      'replace new',
      ['KEY_MISMATCH', 'WEAK_SIGNATURE'],
    ],
    [
      'an adopted one that lacks only an automatic name is kept until it is due',
      judged(certificate(60, { names: ['a.test'] })),
      { isAdopted: true },
      'keep',
      ['VALID'],
    ],
    [
      'an adopted one that lacks a name of the account is replaced',
      judged(certificate(60, { names: ['www.a.test'] })),
      { isAdopted: true },
      'replace',
      ['NAMES_MISSING'],
    ],
    [
      'one that lacks names is replaced, though not as new',
      judged(certificate(60, { names: ['a.test'] })),
      {},
      'replace',
      ['NAMES_MISSING'],
    ],
    [
      'one that is due and lacks names says both, the renewal first',
      judged(certificate(20, { names: ['a.test'] })),
      {},
      'replace',
      ['RENEWAL_DUE', 'NAMES_MISSING'],
    ],
    [
      'a wrong key type waits for the renewal',
      judged(certificate(60, { flaws: ['KEY_TYPE_DIFFERS'] })),
      {},
      'keep',
      ['VALID'],
    ],
    [
      'a wrong key type is replaced when --reissue asks for it',
      judged(certificate(60, { flaws: ['KEY_TYPE_DIFFERS'] })),
      { isReissueAsked: true },
      'replace',
      ['KEY_TYPE_DIFFERS'],
    ],
    [
      'a mere warning is no reason',
      { ...judged(certificate(60)), defects: [defectOf('CHAIN_UNTRUSTED', 'warning')] },
      {},
      'keep',
      ['VALID'],
    ],
    [
      'a foreign one that is due is left alone',
      judged(certificate(2)),
      { replacement: FOREIGN },
      'keep',
      ['FOREIGN_CERTIFICATE'],
    ],
    [
      'a foreign one that is fine is simply valid',
      judged(certificate(60)),
      { replacement: FOREIGN },
      'keep',
      ['VALID'],
    ],
    [
      'a website whose order pends waits for it, whatever is wrong',
      judged(),
      { pendingOrder: { phase: 'placed', id: '17', pollAt: '2026-06-01T00:05:00.000Z' } },
      'await-order new',
      ['ORDER_PENDING'],
    ],
    [
      'a website without a name to secure is kept as it is',
      judged(),
      { website: { ...website, candidates: [] } },
      'keep new',
      ['NO_NAMES'],
    ],
  ])('%s', (_, evaluation, over, kind, because) => {
    const action = plan(evaluation, over);
    expect(`${action.kind}${action.isNew ? ' new' : ''}`).toBe(kind);
    expect(action.because.map(({ code }) => code)).toEqual(because);
    const works = action.kind === 'request' || action.kind === 'replace';
    expect(action.names.length > 0).toBe(works);
  });

  test('dueAt is the renewal of what is kept, the next poll of what pends, and now for what is to be done', () => {
    expect(plan(judged(certificate(60))).dueAt).toBe(inDays(60 - 29).toISOString());
    expect(
      plan(judged(), { pendingOrder: { phase: 'placed', id: '1', pollAt: NOW.toISOString() } }).dueAt,
    ).toBe(NOW.toISOString());
    expect(plan(judged()).dueAt).toBeNull();
  });
});

describe('the names that are tried', () => {
  const wild = aWebsite(['a.test', '*.a.test']);

  test('those secured now come first, then by the documented priority', () => {
    const evaluation = judged(certificate(20, { names: ['www.a.test'] }));
    expect(plan(evaluation).names).toEqual(['www.a.test', 'a.test']);
  });

  test('a wildcard that cannot be had is left out, and its absence is no reason to order', () => {
    const found = certificate(60, { names: ['a.test'] });
    const evaluation = evaluateFake(wild, found, [{ fingerprint: 'ours' }], NOW);
    expect(plan(evaluation, { website: wild }).kind).toBe('keep');
    const absent = plan(evaluateFake(wild, undefined, [], NOW), { website: wild });
    expect(absent.names).toEqual(['a.test']);
    expect(absent.leftOut).toEqual([{ name: '*.a.test', why: 'WILDCARD_UNSUPPORTED' }]);
  });

  test('a wildcard that can be had is tried like any other name', () => {
    const absent = plan(evaluateFake(wild, undefined, [], NOW), { website: wild, wildcards: 'yes' });
    expect(absent.names).toEqual(['a.test', '*.a.test']);
  });

  test.each<[string, WildcardAbility, readonly string[], readonly string[]]>([
    ['stays where an editor may be down or lack its zone', 'unsure', ['a.test'], ['a.test', '*.a.test']],
    [
      'stays where nothing edits zones any more, as it is secured',
      'no-editor',
      ['a.test', '*.a.test'],
      ['a.test', '*.a.test'],
    ],
    ['is said and left out where nothing ever edited zones', 'no-editor', ['a.test'], ['a.test']],
  ])('a wanted wildcard %s', (_what, wildcards, present, expected) => {
    const found = certificate(20, { names: [...present] });
    const action = plan(evaluateFake(wild, found, [{ fingerprint: 'ours' }], NOW), {
      website: wild,
      wildcards,
    });
    expect([...action.names].sort()).toEqual([...expected].sort());
    expect(action.leftOut.map(({ name }) => name)).toEqual(expected.includes('*.a.test') ? [] : ['*.a.test']);
  });

  test('excluded names are said, also of a website that is kept', () => {
    const [excluded] = [wantedNames('mail.a.test')];
    const action = plan(judged(certificate(60)), { website: { ...website, excluded } });
    expect(action).toMatchObject({ kind: 'keep', leftOut: [{ name: 'mail.a.test', why: 'EXCLUDED' }] });
  });
});

test('the plan is the same at another instant as long as the verdicts are (dry run and real run agree)', () => {
  const at = (now: Date) => plan(evaluateFake(website, certificate(20), [{ fingerprint: 'ours' }], now));
  expect(at(inDays(1))).toEqual(at(NOW));
});
