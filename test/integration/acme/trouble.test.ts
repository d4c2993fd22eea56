import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { obtainCertificate, resumeOrder } from '../../../src/runs/order/obtain-certificate.js';
import type { OrderPorts, OrderResult } from '../../../src/runs/order/order-ports.js';
import { type AcmeProxy, type Fault, PATHS, startAcmeProxy } from '../../support/acme-proxy.js';
import { type MemorySolver, startMemorySolver } from '../../support/memory-solver.js';
import { describeWithParts } from '../../support/needs.js';
import {
  type AccountBench,
  createAccountBench,
  createOrderBench,
  type OrderBench,
  requestFor,
  TEST_PROVIDER,
  type TestAuthority,
} from '../../support/order-bench.js';
import { type Pebble, startPebble } from '../../support/pebble.js';

/** Ms, for a request that the CA never answers; the others are given the time that they need. */
const SHORT_TIMEOUT_MS = 3_000;
const TIMEOUT_MS = 30_000;
const CLOSED: Fault = { kind: 'close' };
const LOST: Fault = { kind: 'lose-answer' };
const GARBAGE: Fault = { kind: 'garbage', body: '<html>\u001b[31mWelcome to nginx!</html>' };

describeWithParts('a CA that misbehaves', ['pebble'], () => {
  let pebble: Pebble;
  let proxy: AcmeProxy;
  let solver: MemorySolver;
  let accounts: AccountBench;
  let authority: TestAuthority;
  let bench: OrderBench;
  let serial = 0;
  let name = '';
  beforeAll(async () => {
    pebble = await startPebble();
    proxy = await startAcmeProxy(pebble);
    solver = await startMemorySolver(pebble.httpPort);
    accounts = await createAccountBench({
      directoryUrl: proxy.directoryUrl,
      caBundlePem: pebble.transport.caPem,
    });
  });
  afterAll(async () => {
    await accounts?.remove();
    await solver?.close();
    await proxy?.close();
    await pebble?.stop();
  });
  beforeEach(async () => {
    serial += 1;
    name = `trouble-${serial}.test`;
    authority = accounts.open({ timeoutMs: TIMEOUT_MS });
    const account = await authority.openAccount();
    if ('refused' in account) throw new Error(account.refused.detail);
    bench = createOrderBench(authority, account, solver);
    proxy.clear();
  });
  afterEach(() => solver.sweep(new Set()));
  /** The bench with a client that gives a CA less time. */
  const impatient = async (): Promise<OrderPorts> => {
    const short = accounts.open({ timeoutMs: SHORT_TIMEOUT_MS });
    const account = await short.openAccount();
    if ('refused' in account) throw new Error(account.refused.detail);
    proxy.clear();
    return { ...bench.ports, authority: short, account };
  };
  const obtain = (ports: OrderPorts = bench.ports, over = {}): Promise<OrderResult> =>
    obtainCertificate(requestFor([name], over), ports);
  const resumeTheOrder = (): Promise<OrderResult> => {
    const [record] = [...bench.orders.records.values()];
    if (record === undefined) throw new Error('no record');
    const context = { website: requestFor([name]).website, provider: TEST_PROVIDER };
    return resumeOrder(record, context, bench.ports);
  };
  const count = (path: string): number => proxy.requests.filter((one) => one.path.startsWith(path)).length;
  const seenByCa = (path: string): number =>
    proxy.requests.filter((one) => one.path.startsWith(path) && one.reachedCa).length;

  test.each<[string, Fault, string]>([
    ['speaks garbage', GARBAGE, 'BAD_ANSWER'],
    ['sends JSON that is no order', { kind: 'garbage', body: '{"status":"fine"}' }, 'BAD_ANSWER'],
    ['sends a list', { kind: 'garbage', body: '[]' }, 'BAD_ANSWER'],
    ['redirects', { kind: 'garbage', status: 302, body: '' }, 'BAD_ANSWER'],
    ['answers 404 with a page', { ...GARBAGE, kind: 'garbage', status: 404 } as Fault, 'BAD_ANSWER'],
    ['closes the connection', CLOSED, 'UNREACHABLE'],
    ['closes the connection after taking the order', LOST, 'UNREACHABLE'],
    ['does not answer', { kind: 'hang' }, 'TIMED_OUT'],
    ['sends two megabytes', { kind: 'large', bytes: 2 * 1024 * 1024 }, 'ANSWER_TOO_LARGE'],
    [
      'names a URL of another kind',
      { kind: 'change', members: { finalize: 'file:///etc/shadow' } },
      'BAD_ANSWER',
    ],
    [
      'names a URL without TLS',
      { kind: 'change', members: { authorizations: ['http://ca.test/1'] } },
      'BAD_ANSWER',
    ],
  ])(
    'to newOrder it always %s: one clear line, asked three times at most, nothing kept',
    async (_how, fault, code) => {
      const patient = code === 'TIMED_OUT' ? await impatient() : bench.ports;
      const ports = { ...patient, clock: { ...patient.clock, sleep: async () => undefined } };
      // A CA that is silent for the whole time limit is not asked again.
      const asked = code === 'TIMED_OUT' ? 1 : 3;
      proxy.fault(PATHS.newOrder, fault, asked);
      const error = await obtain(ports).catch((one: unknown) => one);
      expect(error).toMatchObject({ name: 'AcmeProtocolError', code });
      const { message } = error as Error;
      expect(message).toMatch(/^the CA at 127\.0\.0\.1:\d+ /);
      expect(message).not.toMatch(/[\p{Cc}]/u);
      expect(proxy.newOrders()).toBe(asked);
      expect(bench.orders.records.size).toBe(0);
      // The next run finds everything in order.
      expect((await obtain()).outcome).toBe('issued');
    },
  );

  test.each<[string, Fault]>([
    ['closes the connection', CLOSED],
    ['closes the connection after taking the order', LOST],
    ['answers garbage', GARBAGE],
    ['is overloaded', { kind: 'problem', status: 503, type: 'serverInternal', retryAfter: '1' }],
    [
      'says that we are too fast, for a second',
      { kind: 'problem', status: 429, type: 'rateLimited', retryAfter: '1' },
    ],
  ])('to newOrder it once %s: it is asked again, and issues', async (_how, fault) => {
    proxy.fault(PATHS.newOrder, fault);
    expect((await obtain()).outcome).toBe('issued');
    expect(proxy.newOrders()).toBe(2);
  });

  test('a CA that refuses nonce after nonce cannot be talked to: twenty more tries, then one clear line', async () => {
    proxy.fault(PATHS.newOrder, { kind: 'problem', status: 400, type: 'badNonce' }, 100);
    const noted: unknown[] = [];
    const ports = { ...bench.ports, noteNotPlaced: (why: unknown) => void noted.push(why) };
    const error = await obtain(ports).catch((one: unknown) => one);
    expect(error).toMatchObject({
      code: 'PROBLEM',
      message: expect.stringContaining('its own nonces 21 times'),
    });
    expect(proxy.newOrders()).toBe(21);
    expect(noted).toEqual([error]);
  });

  test('a lock that is lost while a CA refuses its own nonces keeps the newOrder here', async () => {
    proxy.fault(PATHS.newOrder, { kind: 'problem', status: 400, type: 'badNonce' }, 100);
    const lost = new StateError('LOCK_LOST', 'the lock was taken from this run');
    const assertHeld = async (): Promise<void> => {
      if (proxy.newOrders() > 0) throw lost;
    };
    const ports: OrderPorts = { ...bench.ports, placeOrderQueue: (task) => task(assertHeld) };
    await expect(obtain(ports)).rejects.toBe(lost);
    expect(proxy.newOrders()).toBe(1);
  });

  test.each<[string, string, Fault]>([
    ['drops connections while the order is read', PATHS.order, CLOSED],
    ['drops connections while an authorization is read', PATHS.authorization, CLOSED],
    ['takes the answered challenge and drops the connection', PATHS.challenge, LOST],
    ['drops the connection before it sees the answered challenge', PATHS.challenge, CLOSED],
    ['takes the CSR and drops the connection', PATHS.finalize, LOST],
    ['drops the connection before it sees the CSR', PATHS.finalize, CLOSED],
    ['answers garbage instead of looking at the CSR', PATHS.finalize, GARBAGE],
    ['drops the connection while the certificate is downloaded', PATHS.certificate, CLOSED],
    ['is overloaded while the order is read', PATHS.order, { kind: 'garbage', status: 503, body: 'busy' }],
    [
      'is overloaded while authorizations are read',
      PATHS.authorization,
      { kind: 'garbage', status: 502, body: '' },
    ],
    [
      'has an inner error at the download',
      PATHS.certificate,
      { kind: 'problem', status: 500, type: 'serverInternal' },
    ],
    ['forgets a nonce', PATHS.authorization, { kind: 'without-nonce' }],
    [
      'says that the order is not ready when it is',
      PATHS.finalize,
      { kind: 'problem', status: 403, type: 'orderNotReady' },
    ],
  ])('it %s: the certificate comes all the same, by one order', async (_how, path, fault) => {
    proxy.fault(path, fault);
    expect((await obtain()).outcome).toBe('issued');
    expect(proxy.newOrders()).toBe(1);
    expect(seenByCa(PATHS.finalize)).toBe(1);
    expect(solver.presented.size).toBe(0);
  });

  test('a CSR whose answer was lost is not sent again', async () => {
    proxy.fault(PATHS.finalize, LOST);
    expect((await obtain()).outcome).toBe('issued');
    expect(count(PATHS.finalize)).toBe(1);
  });

  test.each([
    ['seconds', () => '3600'],
    ['an HTTP date', () => new Date(Date.now() + 3_600_000).toUTCString()],
  ])('a rate limit told in %s stops the account until then: not asked again', async (_form, retryAfter) => {
    // A date tells whole seconds.
    const begunAt = Date.now() - 1000;
    proxy.fault(PATHS.newOrder, {
      kind: 'problem',
      status: 429,
      type: 'rateLimited',
      detail: 'too many orders',
      retryAfter: retryAfter(),
    });
    const refused = await obtain();
    expect(refused).toMatchObject({ outcome: 'refused', classification: 'rate-limited', failedNames: [] });
    const until = Date.parse(bench.ledger().stoppedUntil ?? '');
    expect(until).toBeGreaterThanOrEqual(begunAt + 3_600_000);
    expect(until).toBeLessThanOrEqual(Date.now() + 3_600_000);
    const second = await obtain();
    expect(second).toMatchObject({ outcome: 'abandoned', why: 'STOPPED_BY_CA', retryAt: new Date(until) });
    expect(await obtain(bench.ports, { isEmergency: true })).toMatchObject({ why: 'STOPPED_BY_CA' });
    expect(proxy.newOrders()).toBe(1);
    expect(bench.orders.records.size).toBe(0);
  });

  test('an order that stays processing is polled at the pace that Retry-After asks', async () => {
    const slow = {
      kind: 'change',
      members: { status: 'processing', certificate: null },
      retryAfter: '2',
    } as const;
    proxy.fault(PATHS.finalize, slow);
    proxy.fault(PATHS.order, slow, 1, 1);
    const waits: number[] = [];
    const { clock } = bench.ports;
    const ports = {
      ...bench.ports,
      clock: {
        ...clock,
        sleep: (ms: number, signal?: AbortSignal) => {
          waits.push(ms);
          return clock.sleep(ms, signal);
        },
      },
    };
    const provider = { ...TEST_PROVIDER, maxPollMs: 5_000 };
    expect((await obtain(ports, { provider })).outcome).toBe('issued');
    // What is left of it when the answer was read; our own pace would wait a tenth of a second at most by then.
    expect(waits.filter((ms) => ms > 500 && ms <= 2_000).length).toBeGreaterThanOrEqual(1);
    expect(count(PATHS.finalize)).toBe(1);
  });

  test('an order that outlasts our patience is parked, polled later and then issued; Retry-After of a day is clamped', async () => {
    const slow = {
      kind: 'change',
      members: { status: 'processing', certificate: null },
      retryAfter: '86400',
    } as const;
    proxy.fault(PATHS.finalize, slow);
    proxy.fault(PATHS.order, slow, 20, 1);
    // A wait that is asked for goes beyond our patience at once; what comes before has all the time that it needs.
    const provider = { ...TEST_PROVIDER, maxPollMs: 2 * TEST_PROVIDER.patienceMs };
    const parked = await obtain(bench.ports, { provider });
    if (parked.outcome !== 'pending') throw new Error(JSON.stringify(parked));
    const minutes = (parked.pollAt.getTime() - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(4.9);
    expect(minutes).toBeLessThanOrEqual(5);
    expect(solver.presented.size).toBe(0);
    expect(bench.orders.records.get(parked.record.id)).toMatchObject({
      phase: 'finalized',
      pollAt: parked.pollAt.toISOString(),
    });
    const context = { website: null, provider };
    expect(await resumeOrder(parked.record, context, bench.ports)).toMatchObject({ outcome: 'pending' });
    proxy.clear();
    expect(await resumeOrder(parked.record, context, bench.ports)).toMatchObject({ outcome: 'issued' });
    expect([count(PATHS.newOrder), count(PATHS.finalize)]).toEqual([0, 0]);
  });

  test('while the CA is away, a placed order waits; when it is back, the same order is finished', async () => {
    proxy.fault(PATHS.order, CLOSED, 50);
    const parked = await obtain();
    expect(parked).toMatchObject({ outcome: 'pending', trouble: { code: 'UNREACHABLE' } });
    if (parked.outcome !== 'pending') return;
    const context = { website: requestFor([name]).website, provider: TEST_PROVIDER };
    proxy.clear();
    expect(await resumeOrder(parked.record, context, bench.ports)).toMatchObject({ outcome: 'issued' });
    expect(proxy.newOrders()).toBe(0);
    expect(solver.presented.size).toBe(0);
  });

  test('an order that cannot be read for a week is given up; a younger one is kept', async () => {
    proxy.fault(PATHS.order, { kind: 'problem', status: 403, type: 'unauthorized' }, 100);
    const parked = await obtain();
    if (parked.outcome !== 'pending') throw new Error(JSON.stringify(parked));
    expect(parked).toMatchObject({ problem: { type: 'urn:ietf:params:acme:error:unauthorized' } });
    const context = { website: null, provider: TEST_PROVIDER };
    const later = new Date(Date.now() + 7 * 86_400_000);
    const clock = { ...bench.ports.clock, now: () => later };
    expect(await resumeOrder(parked.record, context, bench.ports)).toMatchObject({ outcome: 'pending' });
    expect(await resumeOrder(parked.record, context, { ...bench.ports, clock })).toMatchObject({
      outcome: 'abandoned',
      why: 'ORDER_EXPIRED',
    });
    expect(bench.orders.records.size).toBe(0);
    expect(solver.presented.size).toBe(0);
  });

  test('CAA forbids two names at the very end: the subproblems name them', async () => {
    const names = ['ok.test', 'caa-one.test', 'caa-two.test'];
    proxy.fault(PATHS.finalize, {
      kind: 'problem',
      status: 403,
      type: 'compound',
      subproblems: names
        .slice(1)
        .map((one) => ({ type: 'caa', detail: `CAA record for ${one} forbids`, name: one })),
    });
    expect(await obtainCertificate(requestFor(names), bench.ports)).toMatchObject({
      outcome: 'refused',
      classification: 'fix-your-input',
      failedNames: [
        { name: 'caa-one.test', code: 'caa' },
        { name: 'caa-two.test', code: 'caa' },
      ],
    });
    expect(bench.orders.records.size).toBe(0);
  });

  test.each(['alreadyReplaced', 'conflict'])('409 %s: ordered once more without replaces', async (type) => {
    const startedAt = Date.now();
    proxy.fault(PATHS.newOrder, { kind: 'problem', status: 409, type });
    const result = await obtain(bench.ports, { replaces: 'AAAA.BBBB' });
    expect(result).toMatchObject({ outcome: 'issued', record: { replaces: null } });
    const asked = proxy.requests.filter((one) => one.path === PATHS.newOrder).map((one) => one.payload);
    expect(asked).toEqual([
      expect.objectContaining({ replaces: 'AAAA.BBBB' }),
      expect.not.objectContaining({ replaces: expect.anything() }),
    ]);
    // Both count: the bucket is full again when two were refilled, 72 seconds each.
    const fullAt = Date.parse(bench.ledger().fullAt?.['new-orders'] ?? '');
    expect(fullAt).toBeGreaterThanOrEqual(startedAt + 144_000);
  });

  test('409 twice is a refusal, not a loop', async () => {
    proxy.fault(PATHS.newOrder, { kind: 'problem', status: 409, type: 'alreadyReplaced' }, 5);
    expect(await obtain(bench.ports, { replaces: 'AAAA.BBBB' })).toMatchObject({
      outcome: 'refused',
      classification: 'order-again',
    });
    expect(proxy.newOrders()).toBe(2);
  });

  test.each<[string, Fault]>([
    ['a problem', { kind: 'problem', status: 404, type: 'malformed' }],
    ['an empty 404', { kind: 'garbage', status: 404, body: '' }],
    [
      'a web page with status 410',
      { kind: 'garbage', status: 410, body: '<html>', contentType: 'text/html' },
    ],
  ])(
    'an order that the CA does not know at a poll (%s) is not over: it is read again, and its certificate fetched',
    async (_how, fault) => {
      proxy.fault(PATHS.order, fault, 100);
      const first = await obtain();
      proxy.clear();
      expect(first).toMatchObject({
        outcome: 'pending',
        record: { doubt: { about: 'ORDER_GONE', reads: 1 } },
      });
      expect(await resumeTheOrder()).toMatchObject({ outcome: 'issued' });
      expect(proxy.newOrders()).toBe(0);
    },
  );

  test('an order that a lagging replica does not know yet is read again at once', async () => {
    proxy.fault(PATHS.order, { kind: 'problem', status: 404, type: 'malformed' }, 2);
    expect(await obtain()).toMatchObject({ outcome: 'issued' });
    expect(proxy.newOrders()).toBe(1);
  });

  test('a run stopped while the CA validates can be gone on with: no authorization is lost', async () => {
    proxy.fault(PATHS.order, { kind: 'change', members: { status: 'pending' } }, 100);
    const stop = new AbortController();
    const onEvent: OrderPorts['onEvent'] = (event) => {
      if (event.code === 'CHALLENGES_ANSWERED') stop.abort(new Error('SIGTERM'));
    };
    await expect(obtain({ ...bench.ports, onEvent, signal: stop.signal })).rejects.toThrow('SIGTERM');
    expect([...bench.orders.records.values()]).toMatchObject([
      { phase: 'placed', challenges: [{ token: [...solver.presented.keys()][0] }] },
    ]);
    proxy.clear();
    expect(await resumeTheOrder()).toMatchObject({ outcome: 'issued' });
    expect(solver.presented.size).toBe(0);
  });

  test('a run stopped before it read whether the CA will validate leaves the challenge for it', async () => {
    const stop = new AbortController();
    proxy.beforeAnswer(({ path, status }) => {
      if (path.startsWith(PATHS.challenge) && status === 200) stop.abort(new Error('SIGTERM'));
    });
    await expect(obtain({ ...bench.ports, signal: stop.signal })).rejects.toThrow();
    proxy.clear();
    expect(solver.presented.size).toBe(1);
    expect(await resumeTheOrder()).toMatchObject({ outcome: 'issued' });
    expect(solver.presented.size).toBe(0);
  });

  test('answers of the CA about a challenge that are lost again and again cost no authorization', async () => {
    proxy.fault(PATHS.challenge, { kind: 'lose-answer' }, 20);
    expect(await obtain()).toMatchObject({ outcome: 'pending' });
    expect(solver.presented.size).toBe(1);
    expect(await resumeTheOrder()).toMatchObject({ outcome: 'issued' });
    expect(solver.presented.size).toBe(0);
  });

  test('an exhausted budget asks for nothing; an emergency may', async () => {
    const brake = {
      admit: async ({ isEmergency }: { readonly isEmergency: boolean }) =>
        isEmergency
          ? ({ mayOrder: true, taken: [] } as const)
          : ({ mayOrder: false, because: 'BUDGET_SPENT', until: new Date(0) } as const),
      stop: async () => ({ covers: 'account' }) as const,
      release: async () => undefined,
    };
    const ports = { ...bench.ports, brake };
    expect(await obtain(ports)).toMatchObject({ outcome: 'abandoned', why: 'BUDGET_SPENT' });
    expect(proxy.newOrders()).toBe(0);
    expect(await obtain(ports, { isEmergency: true })).toMatchObject({ outcome: 'issued' });
  });
});

describeWithParts('a CA with habits', ['pebble'], () => {
  test('an order that is ready at once needs no challenge', async () => {
    const pebble = await startPebble({ authzReuse: 100 });
    const proxy = await startAcmeProxy(pebble);
    const solver = await startMemorySolver(pebble.httpPort);
    const accounts = await createAccountBench({
      directoryUrl: proxy.directoryUrl,
      caBundlePem: pebble.transport.caPem,
    });
    try {
      const authority = accounts.open();
      const account = await authority.openAccount();
      if ('refused' in account) throw new Error(account.refused.detail);
      const { ports } = createOrderBench(authority, account, solver);
      expect(await obtainCertificate(requestFor(['reused.test']), ports)).toMatchObject({
        outcome: 'issued',
      });
      proxy.clear();
      expect(await obtainCertificate(requestFor(['reused.test']), ports)).toMatchObject({
        outcome: 'issued',
      });
      const paths = proxy.requests.map((one) => one.path);
      expect(paths.some((path) => path.startsWith(PATHS.challenge))).toBe(false);
      expect(paths.some((path) => path.startsWith(PATHS.authorization))).toBe(false);
    } finally {
      await accounts.remove();
      await solver.close();
      await proxy.close();
      await pebble.stop();
    }
  });

  test('nonces rejected three times out of ten cost requests, not certificates', async () => {
    const pebble = await startPebble({ nonceReject: 30 });
    const solver = await startMemorySolver(pebble.httpPort);
    const accounts = await createAccountBench({
      directoryUrl: pebble.directoryUrl,
      caBundlePem: pebble.transport.caPem,
    });
    try {
      const authority = accounts.open();
      const account = await authority.openAccount();
      if ('refused' in account) throw new Error(account.refused.detail);
      const { ports } = createOrderBench(authority, account, solver);
      const names = Array.from({ length: 10 }, (_, index) => `nonce-${index}.test`);
      const results = await Promise.all(names.map((one) => obtainCertificate(requestFor([one]), ports)));
      expect(results.map((one) => one.outcome)).toEqual(names.map(() => 'issued'));
    } finally {
      await accounts.remove();
      await solver.close();
      await pebble.stop();
    }
  });
});
