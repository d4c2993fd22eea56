import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { RenewalAnswer } from '../../../src/core/renewal/information/renewal-record.js';
import { type AccountBench, createAccountBench, type TestAuthority } from '../../support/order-bench.js';
import { freePorts } from '../../support/ports.js';

const ID = 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE';
const JSON_HEADERS = { 'content-type': 'application/json' };
const GOOD = JSON.stringify({
  suggestedWindow: { start: '2026-07-30T00:00:00Z', end: '2026-08-02T00:00:00Z' },
});

/** A small CA with a directory and renewal information, and nothing else. */
describe('renewal information as CAs answer it', () => {
  let server: http.Server;
  let base = '';
  let answer: http.RequestListener = (_, response) => response.writeHead(200, JSON_HEADERS).end(GOOD);
  let directory: () => Record<string, unknown> = () => ({});
  const seen: http.IncomingMessage[] = [];
  let accounts: AccountBench;
  let authority: TestAuthority;
  beforeAll(async () => {
    server = http.createServer((request, response) => {
      if (request.url === '/dir') {
        const resources = { newNonce: `${base}/n`, newAccount: `${base}/a`, newOrder: `${base}/o` };
        response.writeHead(200, JSON_HEADERS).end(JSON.stringify({ ...resources, ...directory() }));
        return;
      }
      seen.push(request);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    accounts = await createAccountBench({ directoryUrl: `${base}/dir`, caBundlePem: null });
  });
  afterAll(async () => {
    await accounts.remove();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  afterEach(() => {
    seen.length = 0;
    answer = (_, response) => response.writeHead(200, JSON_HEADERS).end(GOOD);
  });
  const ask = (id = ID, said: Record<string, unknown> = { renewalInfo: `${base}/renewal-info` }) => {
    directory = () => said;
    authority = accounts.open({ timeoutMs: 2000 });
    return authority.readRenewalInfo?.(id);
  };

  test('is asked by GET at the certificate’s id, without account or signature', async () => {
    expect(await ask()).toMatchObject({ state: 'said', value: JSON.parse(GOOD), retryAt: null });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'GET', url: `/renewal-info/${ID}` });
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
  });

  test('a base with a slash at its end gets no second one', async () => {
    await ask(ID, { renewalInfo: `${base}/renewal-info/` });
    expect(seen[0]?.url).toBe(`/renewal-info/${ID}`);
  });

  test('Retry-After is an instant', async () => {
    answer = (_, response) => response.writeHead(200, { ...JSON_HEADERS, 'retry-after': '21600' }).end(GOOD);
    const before = Date.now();
    const said = (await ask()) as Extract<RenewalAnswer, { state: 'said' }>;
    expect((said.retryAt?.getTime() ?? 0) - before).toBeGreaterThanOrEqual(21_599_000);
  });

  test.each<[string, string, http.RequestListener]>([
    ['temporary', 'a 500', (_, response) => response.writeHead(500).end()],
    ['temporary', 'a 503 that names an instant', (_, r) => r.writeHead(503, { 'retry-after': '60' }).end()],
    ['temporary', 'no answer in time', () => undefined],
    ['temporary', 'a connection that is cut', (request) => request.socket.destroy()],
    [
      'unknown-certificate',
      'a 404',
      (_, response) => response.writeHead(404, JSON_HEADERS).end('{"type":"x"}'),
    ],
    ['lasting', 'a 429', (_, response) => response.writeHead(429).end()],
    ['lasting', 'a redirect', (_, r) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['lasting', 'a page', (_, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['lasting', 'no content type', (_, response) => response.writeHead(200).end(GOOD)],
    ['lasting', 'JSON that is torn', (_, r) => r.writeHead(200, JSON_HEADERS).end('{"sugg')],
    ['lasting', 'far too much', (_, r) => r.writeHead(200, JSON_HEADERS).end(`"${'x'.repeat(100_000)}"`)],
    ['lasting', 'endlessly much', (_, r) => r.writeHead(200, JSON_HEADERS).end('x'.repeat(3_000_000))],
  ])('%s: %s', async (state, _, listener) => {
    answer = listener;
    const said = await ask();
    expect(said).toMatchObject({ state, why: expect.not.stringMatching(/\p{Cc}/u) });
  });

  test.each<[string, Record<string, unknown>]>([
    ['names none', {}],
    ['names one that may not be followed', { renewalInfo: 'ftp://127.0.0.1/x' }],
    ['names one at another host without TLS', { renewalInfo: 'http://elsewhere.test/x' }],
  ])('a directory that %s has none, and is a directory all the same', async (_, said) => {
    expect(await ask(ID, said)).toEqual({ state: 'unsupported' });
    expect((await authority.readDirectory()).hasRenewalInfo).toBe(false);
  });

  test.each(['../../new-order', 'a/b', '', 'AAAA', 'a.b?c', 'a.b#c'])(
    'what is no id reaches no URL: %j',
    async (id) => {
      expect(await ask(id)).toEqual({ state: 'unsupported' });
      expect(seen).toHaveLength(0);
    },
  );

  test('a CA where nobody listens is not asked again in a minute', async () => {
    const [port] = await freePorts(1);
    expect(await ask(ID, { renewalInfo: `http://127.0.0.1:${port}/x` })).toMatchObject({ state: 'lasting' });
  });

  test('whoever is told to stop is not told a story', async () => {
    directory = () => ({ renewalInfo: `${base}/renewal-info` });
    const stopped = accounts.open({ timeoutMs: 2000 });
    await expect(stopped.readRenewalInfo?.(ID, AbortSignal.abort())).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
