import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fault, PATHS } from '../../support/acme-proxy.js';
import { type FaultyCa, type FaultyCaOrder, startFaultyCa } from '../../support/faulty-ca.js';
import { describeWithParts } from '../../support/needs.js';

/** Ms that the client gives a CA; what is told to stop must not take a share of it that could be mistaken for it. */
const TIMEOUT_MS = 60_000;
const AT_ONCE_MS = 20_000;
const ALWAYS = 99;
/** Long enough for Pebble to end a validation. */
const LATE_MS = 1_000;
const TOO_LARGE: Fault = { kind: 'large', bytes: 2 * 1024 * 1024 };
const GATEWAY_TIMEOUT: Fault = { kind: 'problem', status: 504, type: 'serverInternal', reachesCa: true };

describeWithParts('a CA whose answers are lost, late or not its own', ['pebble'], () => {
  let ca: FaultyCa;
  let order: FaultyCaOrder;
  beforeAll(async () => {
    ca = await startFaultyCa(TIMEOUT_MS);
  });
  afterAll(() => ca?.close());
  beforeEach(async () => {
    order = await ca.begin();
  });

  const expectOneOrder = (): void => {
    expect([order.seen(PATHS.newOrder), ca.solver.presented.size]).toEqual([1, 0]);
  };

  describe('what it took is not taken for refused', () => {
    test('a challenge answered twice, which says too late that it was answered before', async () => {
      ca.proxy.fault(PATHS.challenge, { kind: 'lose-answer' });
      ca.proxy.fault(PATHS.challenge, { kind: 'change', members: { status: 'pending' } });
      ca.proxy.fault(PATHS.challenge, { kind: 'stall', ms: LATE_MS });
      expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
      // Answered, asked, answered again (refused as it is valid by now), asked.
      expect(order.count(PATHS.challenge)).toBe(4);
      expectOneOrder();
    });

    test('a challenge that a gateway gave up on', async () => {
      ca.proxy.fault(PATHS.challenge, GATEWAY_TIMEOUT);
      expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
      expectOneOrder();
    });

    test('a challenge that is refused and pends is a refused name all the same', async () => {
      ca.proxy.fault(PATHS.challenge, { kind: 'problem', status: 400, type: 'malformed' });
      expect(await order.obtain()).toMatchObject({
        outcome: 'refused',
        failedNames: [{ name: order.name, code: 'malformed' }],
      });
    });

    test.each<[string, Fault | null]>([
      ['which says that the order is not ready', null],
      ['which calls it malformed', { kind: 'problem', status: 400, type: 'malformed' }],
    ])('a CSR that a gateway gave up on and that is sent again, %s', async (_how, second) => {
      ca.proxy.fault(PATHS.finalize, GATEWAY_TIMEOUT);
      if (second !== null) ca.proxy.fault(PATHS.finalize, second);
      expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
      expect(order.count(PATHS.finalize)).toBeLessThanOrEqual(3);
      expectOneOrder();
    });
  });

  describe('a limit in the midst of an order', () => {
    const limited = (retryAfter?: string): Fault => ({
      kind: 'problem',
      status: 429,
      type: 'rateLimited',
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
    test.each([
      ['the CSR', PATHS.finalize],
      ['the challenge', PATHS.challenge],
      ['the order that is read', PATHS.order],
      ['the certificate', PATHS.certificate],
    ])('of a second is waited for: %s', async (_what, path) => {
      ca.proxy.fault(path, limited('1'));
      expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
      expectOneOrder();
    });

    test.each([
      ['an hour', '3600', 3_600_000],
      ['no time that is told', undefined, 3_600_000],
    ])('of %s holds the CSR and new orders back, and the order is finished then', async (_how, after, ms) => {
      const begun = Date.now();
      ca.proxy.fault(PATHS.finalize, limited(after));
      const parked = await order.obtain();
      if (parked.outcome !== 'pending') throw new Error(JSON.stringify(parked));
      expect(parked.pollAt.getTime()).toBeGreaterThanOrEqual(begun + ms - 1000);
      expect(Date.parse(order.bench.ledger().stoppedUntil ?? '')).toBeGreaterThanOrEqual(begun + ms - 1000);
      expect(order.count(PATHS.finalize)).toBe(1);
      expect(await order.resume()).toMatchObject({ outcome: 'issued' });
      expectOneOrder();
    });

    test('whose end is over already is asked about a few times, not for ever', async () => {
      ca.proxy.fault(PATHS.newOrder, limited('Sun, 06 Nov 1994 08:49:37 GMT'), ALWAYS);
      expect(await order.obtain()).toMatchObject({ outcome: 'refused', classification: 'rate-limited' });
      expect(order.count(PATHS.newOrder)).toBe(4);
    });
  });

  describe('answers that are no whole ones', () => {
    const paths = [
      ['the order that is read', PATHS.order],
      ['an authorization', PATHS.authorization],
      ['the challenge', PATHS.challenge],
      ['the CSR', PATHS.finalize],
      ['the certificate', PATHS.certificate],
    ] as const;
    const faults: readonly (readonly [string, Fault])[] = [
      ['two megabytes', TOO_LARGE],
      ['half of it, told as the whole,', { kind: 'cut-body', percent: 50 }],
      ['nothing at all,', { kind: 'garbage', status: 200, body: '', contentType: 'application/json' }],
      [
        'a page, as what was asked for,',
        { kind: 'garbage', body: '<html>', contentType: 'application/json' },
      ],
    ];
    // After the CSR the CA's replicas are given their time: one of the faults has to do.
    const rows = paths.flatMap(([what, path]) =>
      (path === PATHS.finalize ? faults.slice(0, 1) : faults).map(
        ([how, fault]) => [how, what, path, fault] as const,
      ),
    );
    test.each(rows)(
      '%s in answer to %s: the certificate comes by the same order',
      async (_how, _what, path, fault) => {
        ca.proxy.fault(path, fault);
        expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
        expectOneOrder();
      },
    );

    test.each(paths.filter(([, path]) => path !== PATHS.finalize))(
      'a refusal that cannot be read in answer to %s is no word of the CA’s',
      async (_what, path) => {
        const body = '{"type": "urn:ietf:params:acme:error:badNonce", "deta';
        ca.proxy.fault(path, { kind: 'garbage', status: 400, body, contentType: 'application/problem+json' });
        expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
        expectOneOrder();
      },
    );

    test('a chain that breaks off behind its leaf is fetched again', async () => {
      ca.proxy.fault(PATHS.certificate, { kind: 'cut-body', percent: 80 });
      const issued = await order.obtain();
      if (issued.outcome !== 'issued') throw new Error(JSON.stringify(issued));
      expect(issued.chainPem.match(/-----BEGIN/g)).toHaveLength(2);
      expect(order.count(PATHS.certificate)).toBe(2);
    });

    test('a chain that always breaks off is nothing to be put in place: the order waits, and is finished', async () => {
      ca.proxy.fault(PATHS.certificate, { kind: 'cut-body', percent: 80 }, ALWAYS);
      const instant = { ...order.bench.ports.clock, sleep: async () => undefined };
      expect(await order.obtain({ clock: instant })).toMatchObject({
        outcome: 'pending',
        trouble: { code: 'BAD_ANSWER' },
      });
      expect(order.record()).toMatchObject({ phase: 'finalized' });
      ca.proxy.lift();
      expect(await order.resume()).toMatchObject({ outcome: 'issued' });
      expectOneOrder();
    });

    test.each(['text/plain', 'application/octet-stream', ''])(
      'the right body is taken by the content type “%s” too, without a question more',
      async (contentType) => {
        const everywhere = [PATHS.newOrder, ...paths.map(([, path]) => path)];
        for (const path of everywhere) ca.proxy.fault(path, { kind: 'retype', contentType }, ALWAYS);
        expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
        expect([order.count(PATHS.newOrder), order.count(PATHS.certificate)]).toEqual([1, 1]);
      },
    );
  });

  describe('nonces', () => {
    const nonces = (): number => order.count(PATHS.newNonce);
    test('in fair weather each answer brings the next request’s: the first alone is asked for', async () => {
      await order.obtain();
      expect(nonces()).toBe(1);
    });

    test('one that something on the way gave back unused is used, not asked for anew', async () => {
      for (const path of [PATHS.newOrder, PATHS.authorization, PATHS.challenge, PATHS.finalize])
        ca.proxy.fault(path, { kind: 'garbage', status: 503, body: 'busy' });
      expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
      expect(nonces()).toBe(1);
    });

    test('a CA that gives none with its answers is asked for one a request', async () => {
      for (const path of Object.values(PATHS).filter((one) => one !== PATHS.newNonce))
        ca.proxy.fault(path, { kind: 'without-nonce' }, ALWAYS);
      expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
      expect(nonces()).toBeLessThanOrEqual(ca.proxy.requests.length / 2);
    });

    test('one that refuses without giving another is not tried with all that are kept', async () => {
      ca.proxy.fault(PATHS.newOrder, { kind: 'problem', status: 400, type: 'badNonce' }, 2);
      expect(await order.obtain()).toMatchObject({ outcome: 'issued' });
      expect(order.count(PATHS.newOrder)).toBe(3);
      expect(nonces()).toBe(3);
    });
  });

  describe('no answer at all', () => {
    test.each(Object.entries(PATHS).filter(([what]) => !['directory', 'newAccount'].includes(what)))(
      'to %s: told to stop, it ends at once; what stands at the CA is gone on with',
      async (_what, path) => {
        if (path === PATHS.newNonce) ca.proxy.fault(PATHS.newOrder, { kind: 'without-nonce' });
        // The first nonce is for the order.
        ca.proxy.fault(path, { kind: 'hang' }, ALWAYS, path === PATHS.newNonce ? 1 : 0);
        const stop = new AbortController();
        const ended = order.obtain({ signal: stop.signal }).catch((error: unknown) => error);
        while (!ca.proxy.requests.some((one) => one.path.startsWith(path) && one.status === null))
          await pause(5);
        const toldAt = performance.now();
        stop.abort(new Error('the deadline'));
        expect(await ended).toBeInstanceOf(Error);
        expect(performance.now() - toldAt).toBeLessThan(AT_ONCE_MS);
        ca.proxy.lift();
        // Before its URL came back nobody knows of the order.
        if (path === PATHS.newOrder) return;
        expect(await order.resume()).toMatchObject({ outcome: 'issued' });
        expectOneOrder();
      },
    );
  });
});
