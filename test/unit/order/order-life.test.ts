import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextOrderStep } from '../../../src/core/order/next-step.js';
import type { OrderStep, OrderView } from '../../../src/core/order/order-step.js';
import { problemOf } from '../../../src/core/order/problem-type.js';
import type { AcmeAuthorization, AcmeOrder } from '../../../src/core/order/resources.js';

const START = Date.parse('2026-11-22T03:00:00Z');
const MINUTE = 60_000;
const LIMITS = {
  patienceMs: MINUTE,
  minPollMs: 1000,
  maxPollMs: 10 * MINUTE,
  validationDeadlineMs: 60 * MINUTE,
};
/** Far above what any life here takes. */
const MOST_STEPS = 2_000;

/** How one simulated CA behaves; each list is used up in turn, then the CA is quick and kind. */
interface Habits {
  readonly names: number;
  readonly reused: readonly boolean[];
  readonly fails: readonly boolean[];
  /** Reads of the order until validation is over, and until issuance is over. */
  readonly validationReads: number;
  readonly issuanceReads: number;
  readonly retryAfterMs: number | null;
  /** How long after an accepted CSR a lagging replica still says `ready`. */
  readonly lagMs: number;
  /** What becomes of the nth CSR: taken, lost on the way there, or its answer lost on the way back. */
  readonly csr: readonly ('taken' | 'request-lost' | 'answer-lost')[];
}

const habits: fc.Arbitrary<Habits> = fc.record({
  names: fc.integer({ min: 1, max: 4 }),
  reused: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  fails: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  validationReads: fc.nat(30),
  issuanceReads: fc.nat(30),
  retryAfterMs: fc.option(fc.nat(30 * MINUTE)),
  lagMs: fc.nat(2500),
  csr: fc.array(fc.constantFrom('taken', 'request-lost', 'answer-lost'), { maxLength: 2 }),
});

test('every life of an order ends, with the CSR taken once and only failing names blamed, however a CA behaves', () => {
  fc.assert(
    fc.property(habits, (habit) => live(habit)),
    { numRuns: 500 },
  );
});

function live(habit: Habits): void {
  const indices = Array.from({ length: habit.names }, (_, index) => index);
  const names = indices.map((index) => `n${index}.test`);
  const isReused = (index: number): boolean => habit.reused[index] ?? false;
  const doesFail = (index: number): boolean => !isReused(index) && (habit.fails[index] ?? false);
  let now = START;
  let [reads, taken, takenAt, readsSinceTaken, csrSent] = [0, 0, 0, 0, 0];
  const answeredAtCa = new Set<string>();
  const isValidated = (index: number): boolean =>
    isReused(index) || (answeredAtCa.has(`c${index}`) && reads > habit.validationReads);

  const authorization = (index: number): AcmeAuthorization => {
    const isOver = isValidated(index);
    const status = !isOver ? 'pending' : doesFail(index) ? 'invalid' : 'valid';
    return {
      url: `a${index}`,
      status,
      identifier: { type: 'dns', value: `n${index}.test` },
      isWildcard: false,
      challenges: [
        {
          url: `c${index}`,
          type: 'http-01',
          status,
          token: `t${index}`,
          error: status === 'invalid' ? problemOf('connection', 'refused') : null,
        },
      ],
      expiresAt: null,
      retryAt: null,
    };
  };
  const order = (): AcmeOrder => {
    reads += 1;
    if (taken > 0) readsSinceTaken += 1;
    const all = indices.map(authorization);
    const base =
      taken > 0
        ? now < takenAt + habit.lagMs
          ? 'ready'
          : readsSinceTaken <= habit.issuanceReads
            ? 'processing'
            : 'valid'
        : all.some((one) => one.status === 'invalid')
          ? 'invalid'
          : all.every((one) => one.status === 'valid')
            ? 'ready'
            : 'pending';
    return {
      url: 'o',
      status: base,
      expiresAt: new Date(START + 7 * 1440 * MINUTE),
      identifiers: [],
      authorizations: indices.map((index) => `a${index}`),
      finalize: 'f',
      certificate: base === 'valid' ? 'cert' : null,
      error: null,
      retryAt: habit.retryAfterMs === null ? null : new Date(now + habit.retryAfterMs),
    };
  };

  let view: OrderView = {
    phase: 'placed',
    names,
    createdAt: new Date(START),
    hasOrderUrl: true,
    order: null,
    authorizations: [],
    areAuthorizationsFresh: false,
    answered: new Set(),
    finalize: 'not-sent',
    finalizeAttempts: 0,
    polls: 0,
    steppedForwardAt: new Date(START),
    patienceEndsAt: new Date(START + LIMITS.patienceMs),
    limits: LIMITS,
    isClockVouched: true,
  };
  const patience = (): Pick<OrderView, 'polls' | 'patienceEndsAt' | 'steppedForwardAt'> => ({
    polls: 0,
    steppedForwardAt: new Date(now),
    patienceEndsAt: new Date(now + LIMITS.patienceMs),
  });
  const readOrder = (): void => {
    const next = order();
    view = {
      ...view,
      order: next,
      areAuthorizationsFresh: false,
      polls: next.status === view.order?.status ? view.polls : 0,
    };
  };
  const readAuthorizations = (urls: readonly string[]): void => {
    const fresh = urls.map((url) => authorization(Number(url.slice(1))));
    const kept = view.authorizations.filter((one) => !urls.includes(one.url));
    view = { ...view, authorizations: [...kept, ...fresh], areAuthorizationsFresh: true };
  };
  const finalize = (): void => {
    expect(view.order?.status).toBe('ready');
    const fate = habit.csr[csrSent] ?? 'taken';
    csrSent += 1;
    if (fate !== 'request-lost') taken += 1;
    if (fate !== 'request-lost') takenAt = now;
    expect(taken).toBeLessThanOrEqual(1);
    const isKnown = fate === 'taken';
    view = {
      ...view,
      ...patience(),
      phase: 'finalized',
      finalize: isKnown ? 'accepted' : 'unsure',
      finalizeAttempts: view.finalizeAttempts + 1,
      order: isKnown ? order() : null,
    };
  };
  const park = (pollAt: Date): void => {
    expect(pollAt.getTime()).toBeGreaterThanOrEqual(now + 5 * MINUTE);
    now = pollAt.getTime();
    // The next process: it knows the journal, nothing else, and only looks.
    view = {
      ...view,
      order: null,
      authorizations: [],
      answered: new Set(),
      polls: 0,
      finalizeAttempts: 0,
      finalize: view.phase === 'placed' ? 'not-sent' : 'unsure',
      steppedForwardAt: new Date(now),
      patienceEndsAt: new Date(now),
    };
  };

  for (let steps = 0; ; steps += 1) {
    expect(steps).toBeLessThan(MOST_STEPS);
    const step: OrderStep = nextOrderStep(view, new Date(now));
    switch (step.do) {
      case 'read-order':
        readOrder();
        break;
      case 'read-authorizations':
        readAuthorizations(step.urls);
        break;
      case 'answer-challenges':
        for (const one of step.challenges) answeredAtCa.add(one.challenge.url);
        view = {
          ...view,
          ...patience(),
          answered: new Set([...view.answered, ...step.challenges.map((one) => one.challenge.url)]),
        };
        break;
      case 'wait':
        expect(step.until.getTime()).toBeGreaterThanOrEqual(now + LIMITS.minPollMs);
        expect(step.until.getTime()).toBeLessThanOrEqual(view.patienceEndsAt.getTime());
        now = step.until.getTime();
        view = { ...view, polls: view.polls + 1 };
        if (step.afterwards.do === 'read-order') readOrder();
        else readAuthorizations(step.afterwards.urls);
        break;
      case 'finalize':
        finalize();
        break;
      case 'park':
        park(step.pollAt);
        break;
      case 'download':
        expect(taken).toBe(1);
        expect(indices.some(doesFail)).toBe(false);
        return;
      case 'give-up': {
        const blamed = step.failedNames.map((one) => one.name).sort();
        const isTimeOut = step.failedNames.every((one) => one.code === 'VALIDATION_TIMED_OUT');
        if (!isTimeOut) expect(blamed).toEqual(indices.filter(doesFail).map((index) => `n${index}.test`));
        expect(blamed.length).toBeGreaterThan(0);
        expect(taken).toBe(0);
        return;
      }
      case 'expired':
        return;
      default:
        throw new Error(`unexpected step ${step.do}`);
    }
  }
}
