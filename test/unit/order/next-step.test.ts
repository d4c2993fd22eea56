import { describe, expect, test } from '@jest/globals';
import { nextOrderStep } from '../../../src/core/order/next-step.js';
import type { OrderView } from '../../../src/core/order/order-step.js';
import { problemOf } from '../../../src/core/order/problem-type.js';
import type { AcmeAuthorization, AcmeChallenge, AcmeOrder } from '../../../src/core/order/resources.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const later = (ms: number): Date => new Date(NOW.getTime() + ms);
const MINUTE = 60_000;
const LIMITS = {
  patienceMs: MINUTE,
  minPollMs: 1000,
  maxPollMs: 10 * MINUTE,
  validationDeadlineMs: 60 * MINUTE,
};

function orderOf(status: AcmeOrder['status'], over: Partial<AcmeOrder> = {}): AcmeOrder {
  return {
    url: 'https://ca/order',
    status,
    expiresAt: later(7 * 1440 * MINUTE),
    identifiers: [],
    authorizations: ['https://ca/authz/a.test'],
    finalize: 'https://ca/finalize',
    certificate: null,
    error: null,
    retryAt: null,
    ...over,
  };
}
function challengeOf(name: string, over: Partial<AcmeChallenge> = {}): AcmeChallenge {
  return {
    url: `https://ca/chall/${name}`,
    type: 'http-01',
    status: 'pending',
    token: `token-${name}`,
    error: null,
    ...over,
  };
}
function authorizationOf(
  name: string,
  status: AcmeAuthorization['status'],
  challenge: Partial<AcmeChallenge> = {},
): AcmeAuthorization {
  return {
    url: `https://ca/authz/${name}`,
    status,
    identifier: { type: 'dns', value: name },
    isWildcard: false,
    challenges: [challengeOf(name, challenge)],
    expiresAt: null,
    retryAt: null,
  };
}
function offering(name: string, types: readonly string[]): AcmeAuthorization {
  const challenges = types.map((type) =>
    challengeOf(name, { type, url: `https://ca/chall/${name}/${type}` }),
  );
  return { ...authorizationOf(name, 'pending'), challenges };
}
function viewOf(over: Partial<OrderView>): OrderView {
  return {
    phase: 'placed',
    names: ['a.test', 'b.test'],
    createdAt: NOW,
    hasOrderUrl: true,
    order: null,
    authorizations: [],
    areAuthorizationsFresh: true,
    answered: new Set(),
    finalize: 'not-sent',
    finalizeAttempts: 0,
    polls: 0,
    steppedForwardAt: NOW,
    patienceEndsAt: later(MINUTE),
    limits: LIMITS,
    isClockVouched: true,
    ...over,
  };
}
const both = { authorizations: ['https://ca/authz/a.test', 'https://ca/authz/b.test'] };
const answered = new Set(['https://ca/chall/a.test', 'https://ca/chall/b.test']);
const refused = problemOf('connection', 'connection refused');

describe('the next step of an order', () => {
  test.each<[string, Partial<OrderView>, unknown]>([
    ['journalled only: place it', { phase: 'journalled', hasOrderUrl: false }, { do: 'place' }],
    ['its URL known: read it', {}, { do: 'read-order' }],
    ['downloaded: done', { phase: 'downloaded' }, { do: 'done' }],
    [
      'ready at once (authorizations reused): finalize, nothing to prove',
      { order: orderOf('ready') },
      { do: 'finalize' },
    ],
    [
      'pending: know its authorizations',
      { order: orderOf('pending') },
      { do: 'read-authorizations', urls: ['https://ca/authz/a.test'] },
    ],
    [
      'authorizations pending: present and answer all of them',
      {
        order: orderOf('pending', both),
        authorizations: [authorizationOf('a.test', 'pending'), authorizationOf('b.test', 'pending')],
      },
      {
        do: 'answer-challenges',
        challenges: [
          expect.objectContaining({ name: 'a.test', needsAnswer: true }),
          expect.objectContaining({ name: 'b.test', needsAnswer: true }),
        ],
      },
    ],
    [
      'a name that passed by DNS: by dns-01, the others by http-01',
      {
        order: orderOf('pending', both),
        authorizations: [
          offering('a.test', ['http-01', 'dns-01']),
          offering('b.test', ['dns-01', 'http-01']),
        ],
        byDns: ['a.test'],
        methods: ['http-01', 'dns-01'],
      },
      {
        do: 'answer-challenges',
        challenges: [
          expect.objectContaining({ name: 'a.test', challenge: expect.objectContaining({ type: 'dns-01' }) }),
          expect.objectContaining({
            name: 'b.test',
            challenge: expect.objectContaining({ type: 'http-01' }),
          }),
        ],
      },
    ],
    [
      'a CA that does not offer the method that passed: by the other one',
      {
        order: orderOf('pending', both),
        authorizations: [offering('a.test', ['http-01']), offering('b.test', ['dns-01', 'tls-alpn-01'])],
        byDns: ['a.test'],
        methods: ['http-01', 'dns-01'],
      },
      {
        do: 'answer-challenges',
        challenges: [
          expect.objectContaining({ challenge: expect.objectContaining({ type: 'http-01' }) }),
          expect.objectContaining({ challenge: expect.objectContaining({ type: 'dns-01' }) }),
        ],
      },
    ],
    [
      'a CA that offers what cannot be done here alone: given up, naming what it offers',
      { order: orderOf('pending'), authorizations: [offering('a.test', ['dns-01', 'tls-alpn-01'])] },
      expect.objectContaining({
        do: 'give-up',
        failedNames: [
          expect.objectContaining({
            name: 'a.test',
            code: 'NO_SUPPORTED_CHALLENGE',
            detail: expect.stringContaining('dns-01, tls-alpn-01'),
          }),
        ],
      }),
    ],
    [
      'a wildcard’s authorization: its own name, by DNS',
      {
        names: ['*.a.test'],
        order: orderOf('pending'),
        authorizations: [{ ...offering('a.test', ['dns-01']), isWildcard: true }],
        byDns: ['*.a.test'],
        methods: ['http-01', 'dns-01'],
      },
      { do: 'answer-challenges', challenges: [expect.objectContaining({ name: '*.a.test' })] },
    ],
    [
      'one of two reused: answer the other',
      {
        order: orderOf('pending', both),
        authorizations: [authorizationOf('a.test', 'valid'), authorizationOf('b.test', 'pending')],
      },
      { do: 'answer-challenges', challenges: [expect.objectContaining({ name: 'b.test' })] },
    ],
    [
      'after a crash, the CA at work on a challenge: present it again, do not answer twice',
      {
        order: orderOf('pending'),
        authorizations: [authorizationOf('a.test', 'pending', { status: 'processing' })],
      },
      { do: 'answer-challenges', challenges: [expect.objectContaining({ needsAnswer: false })] },
    ],
    [
      'answered: watch the order, after the shortest wait',
      { order: orderOf('pending'), authorizations: [authorizationOf('a.test', 'pending')], answered },
      { do: 'wait', until: later(1000), afterwards: { do: 'read-order' } },
    ],
    [
      'still pending after four looks: waits double',
      {
        order: orderOf('pending'),
        authorizations: [authorizationOf('a.test', 'pending')],
        answered,
        polls: 4,
        patienceEndsAt: later(30_000),
      },
      { do: 'wait', until: later(15_000), afterwards: { do: 'read-order' } },
    ],
    [
      'Retry-After within the clamp is obeyed',
      {
        order: orderOf('pending', { retryAt: later(3000) }),
        authorizations: [authorizationOf('a.test', 'pending')],
        answered,
      },
      { do: 'wait', until: later(3000), afterwards: { do: 'read-order' } },
    ],
    [
      'processing: poll, never finalize',
      { phase: 'finalized', finalize: 'accepted', order: orderOf('processing') },
      { do: 'wait', until: later(1000), afterwards: { do: 'read-order' } },
    ],
    [
      'processing beyond our patience: park on the five-minute rung',
      { phase: 'finalized', finalize: 'accepted', order: orderOf('processing'), patienceEndsAt: NOW },
      { do: 'park', pollAt: later(5 * MINUTE) },
    ],
    [
      'processing with a Retry-After of a day: parked, the hint clamped',
      {
        phase: 'finalized',
        finalize: 'accepted',
        order: orderOf('processing', { retryAt: later(1440 * MINUTE) }),
      },
      { do: 'park', pollAt: later(10 * MINUTE) },
    ],
    [
      'parked and 30 hours old: the hourly rung',
      {
        phase: 'finalized',
        finalize: 'unsure',
        order: orderOf('processing'),
        createdAt: later(-30 * 60 * MINUTE),
        patienceEndsAt: NOW,
      },
      { do: 'park', pollAt: later(60 * MINUTE) },
    ],
    [
      'parked and three days old: the daily rung',
      {
        phase: 'finalized',
        finalize: 'unsure',
        order: orderOf('processing'),
        createdAt: later(-72 * 60 * MINUTE),
        patienceEndsAt: NOW,
      },
      { do: 'park', pollAt: later(1440 * MINUTE) },
    ],
    [
      'ready although the CA took the CSR (a lagging replica): poll, never again',
      { finalize: 'accepted', order: orderOf('ready'), polls: 9 },
      { do: 'wait', until: later(15_000), afterwards: { do: 'read-order' } },
    ],
    [
      'ready after a crash around the CSR: look once more first',
      { phase: 'finalized', finalize: 'unsure', order: orderOf('ready') },
      { do: 'wait', until: later(1000), afterwards: { do: 'read-order' } },
    ],
    [
      'still ready three seconds after it: the CSR never arrived, send it',
      {
        phase: 'finalized',
        finalize: 'unsure',
        order: orderOf('ready'),
        polls: 1,
        steppedForwardAt: later(-3000),
      },
      { do: 'finalize' },
    ],
    [
      'ready when a parked order is looked at: the CSR never arrived, send it',
      { phase: 'finalized', finalize: 'unsure', order: orderOf('ready'), patienceEndsAt: NOW },
      { do: 'finalize' },
    ],
    [
      'ready after a lost answer, and no patience: a later process decides',
      {
        phase: 'finalized',
        finalize: 'unsure',
        finalizeAttempts: 1,
        order: orderOf('ready'),
        patienceEndsAt: NOW,
      },
      { do: 'park', pollAt: later(5 * MINUTE) },
    ],
    [
      'orderNotReady three times over: give the CA time',
      { finalize: 'unsure', finalizeAttempts: 3, order: orderOf('ready'), polls: 2, patienceEndsAt: NOW },
      { do: 'park', pollAt: later(5 * MINUTE) },
    ],
    [
      'valid: download',
      { order: orderOf('valid', { certificate: 'https://ca/cert' }) },
      { do: 'download', url: 'https://ca/cert' },
    ],
    [
      'valid and expired: download all the same',
      { order: orderOf('valid', { certificate: 'https://ca/cert', expiresAt: later(-1) }) },
      { do: 'download', url: 'https://ca/cert' },
    ],
    [
      'valid without a certificate yet: poll',
      { order: orderOf('valid') },
      { do: 'wait', until: later(1000), afterwards: { do: 'read-order' } },
    ],
    [
      'pending past its expiry by a clock that nobody vouched for: gone on with',
      { order: orderOf('pending', { expiresAt: NOW }), isClockVouched: false, areAuthorizationsFresh: false },
      { do: 'read-authorizations', urls: ['https://ca/authz/a.test'] },
    ],
    [
      'processing for a week by such a clock: waited for',
      {
        finalize: 'accepted',
        createdAt: later(-8 * 1440 * MINUTE),
        order: orderOf('processing', { expiresAt: null }),
        patienceEndsAt: NOW,
        isClockVouched: false,
      },
      { do: 'park', pollAt: later(1440 * MINUTE) },
    ],
    [
      'pending past its expiry: expired',
      { order: orderOf('pending', { expiresAt: NOW }) },
      { do: 'expired' },
    ],
    [
      'processing past its expiry: the CA may still issue',
      { finalize: 'accepted', order: orderOf('processing', { expiresAt: later(-1) }) },
      { do: 'wait', until: later(1000), afterwards: { do: 'read-order' } },
    ],
    [
      'processing for a week: expired',
      {
        finalize: 'accepted',
        order: orderOf('processing', { expiresAt: null }),
        createdAt: later(-7 * 1440 * MINUTE),
      },
      { do: 'expired' },
    ],
  ])('%s', (_case, over, expected) => {
    expect(nextOrderStep(viewOf(over), NOW)).toEqual(expected);
  });
});

describe('an order whose names fail', () => {
  const invalid = (order: Partial<AcmeOrder> = {}): AcmeOrder => orderOf('invalid', { ...both, ...order });

  test('waits for the other answers first, so that all that fail are known at once', () => {
    const authorizations = [
      authorizationOf('a.test', 'invalid', { status: 'invalid', error: refused }),
      authorizationOf('b.test', 'pending', { status: 'processing' }),
    ];
    const view = viewOf({ order: invalid(), authorizations, answered });
    expect(nextOrderStep({ ...view, areAuthorizationsFresh: false }, NOW)).toEqual({
      do: 'read-authorizations',
      urls: ['https://ca/authz/b.test'],
    });
    expect(nextOrderStep(view, NOW)).toEqual({
      do: 'wait',
      until: later(1000),
      afterwards: { do: 'read-authorizations', urls: ['https://ca/authz/b.test'] },
    });
    expect(nextOrderStep({ ...view, patienceEndsAt: NOW }, NOW)).toMatchObject({
      do: 'give-up',
      failedNames: [{ name: 'a.test', code: 'connection', detail: 'connection refused' }],
      toDeactivate: [],
    });
  });

  test('names each with the CA’s reason, and no name that passed', () => {
    const authorizations = [
      authorizationOf('a.test', 'valid'),
      authorizationOf('b.test', 'invalid', { status: 'invalid', error: refused }),
    ];
    expect(
      nextOrderStep(
        viewOf({ order: invalid({ error: problemOf('unauthorized', 'failed') }), authorizations, answered }),
        NOW,
      ),
    ).toEqual({
      do: 'give-up',
      problem: problemOf('unauthorized', 'failed'),
      failedNames: [{ name: 'b.test', code: 'connection', detail: 'connection refused' }],
      toDeactivate: [],
    });
  });

  test('forbidden by CAA at the very end: named by the order’s subproblems', () => {
    const error = problemOf('compound', '', {
      subproblems: [problemOf('caa', 'CAA forbids', { identifier: { type: 'dns', value: 'b.test' } })],
    });
    const authorizations = [authorizationOf('a.test', 'valid'), authorizationOf('b.test', 'valid')];
    expect(nextOrderStep(viewOf({ order: invalid({ error }), authorizations }), NOW)).toMatchObject({
      do: 'give-up',
      failedNames: [{ name: 'b.test', code: 'caa', detail: 'CAA forbids' }],
    });
  });

  test('a CA that gives no reason at all is still an end', () => {
    const authorizations = [authorizationOf('a.test', 'valid'), authorizationOf('b.test', 'valid')];
    expect(nextOrderStep(viewOf({ order: invalid(), authorizations }), NOW)).toMatchObject({
      do: 'give-up',
      failedNames: [],
    });
  });

  test('a name without an HTTP challenge (a wildcard) ends the order before anything is answered', () => {
    const wildcard: AcmeAuthorization = {
      ...authorizationOf('b.test', 'pending'),
      isWildcard: true,
      challenges: [challengeOf('b.test', { type: 'dns-01' })],
    };
    const view = viewOf({
      names: ['a.test', '*.b.test'],
      order: orderOf('pending', both),
      authorizations: [authorizationOf('a.test', 'pending'), wildcard],
    });
    expect(nextOrderStep(view, NOW)).toMatchObject({
      do: 'give-up',
      failedNames: [
        { name: '*.b.test', code: 'NO_SUPPORTED_CHALLENGE', detail: expect.stringContaining('dns-01') },
      ],
    });
  });

  test('a CA that keeps a failed challenge pending is believed when patience is over, and the stuck authorization freed', () => {
    const stuck = authorizationOf('a.test', 'pending', { error: refused });
    const view = viewOf({
      order: orderOf('pending'),
      authorizations: [stuck],
      answered,
      patienceEndsAt: NOW,
    });
    expect(nextOrderStep({ ...view, areAuthorizationsFresh: false }, NOW)).toMatchObject({
      do: 'read-authorizations',
    });
    expect(nextOrderStep(view, NOW)).toMatchObject({
      do: 'give-up',
      failedNames: [{ name: 'a.test', code: 'connection' }],
      toDeactivate: [stuck.url],
    });
  });

  test('a challenge that the CA never finishes is parked, and given up after an hour', () => {
    const slow = authorizationOf('a.test', 'pending', { status: 'processing' });
    const view = viewOf({ order: orderOf('pending'), authorizations: [slow], answered, patienceEndsAt: NOW });
    expect(nextOrderStep(view, NOW)).toEqual({ do: 'park', pollAt: later(5 * MINUTE) });
    expect(nextOrderStep({ ...view, createdAt: later(-60 * MINUTE) }, NOW)).toMatchObject({
      do: 'give-up',
      failedNames: [{ name: 'a.test', code: 'VALIDATION_TIMED_OUT' }],
      toDeactivate: [slow.url],
    });
  });
});
