import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createAccountBench } from '../../support/order-bench.js';
import { freePort } from '../../support/ports.js';
import { createTransportCa, type TransportCa } from '../../support/transport-ca.js';

/** For the server that stays silent, in ms; the others are given the time that they need. */
const SHORT_TIMEOUT_MS = 1_000;
const TIMEOUT_MS = 60_000;
const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await new Promise<void>((resolve) => server.close(() => resolve()));
});

async function listen(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}
const withTls = (ca: TransportCa, answer: http.RequestListener): Server =>
  https.createServer({ cert: ca.certificatePem, key: ca.keyPem, keepAliveTimeout: 1 }, answer);
const page =
  (status: number, body: string, headers = {}): http.RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };

test.each<[string, (ca: TransportCa) => Promise<number>, string, RegExp]>([
  ['does not exist', () => freePort(), 'UNREACHABLE', /cannot be reached .*the connection is refused/],
  [
    'speaks plain HTTP',
    () => listen(http.createServer(page(200, '{}'))),
    'BAD_ANSWER',
    /does not speak HTTP over TLS/,
  ],
  [
    'speaks no HTTP inside TLS',
    (ca) => listen(withTls(ca, (request) => void request.socket.end('220 smtp ready\r\n'))),
    'BAD_ANSWER',
    /does not speak HTTP over TLS/,
  ],
  [
    'is one whose certificate nobody vouches for',
    async () => listen(withTls(await createTransportCa(), page(200, '{}'))),
    'UNTRUSTED_SERVER',
    /not trusted/,
  ],
  [
    'accepts and stays silent',
    () => listen(createServer((socket) => void socket.resume())),
    'TIMED_OUT',
    /did not answer GET \/dir in time/,
  ],
  [
    'hangs up at once',
    () => listen(createServer((socket) => void socket.destroy())),
    'UNREACHABLE',
    /cannot be reached/,
  ],
  [
    'answers with a web page',
    (ca) => listen(withTls(ca, page(200, '<html>'))),
    'BAD_ANSWER',
    /not JSON .*“<html>”/,
  ],
  ['answers 404', (ca) => listen(withTls(ca, page(404, 'no'))), 'BAD_ANSWER', /status 404/],
  [
    'redirects',
    (ca) => listen(withTls(ca, page(301, '', { location: 'https://x.test/' }))),
    'BAD_ANSWER',
    /status 301, not a directory/,
  ],
  [
    'is in maintenance',
    (ca) => listen(withTls(ca, page(503, 'later', { 'retry-after': '600' }))),
    'PROBLEM',
    /gives no directory now \(status 503\)/,
  ],
  [
    'never stops talking',
    (ca) => listen(withTls(ca, page(200, ' '.repeat(1_100_000)))),
    'ANSWER_TOO_LARGE',
    /more than 1024 KiB/,
  ],
])('a directory that %s is one clear line', async (_what, start, code, message) => {
  const ca = await createTransportCa();
  const port = await start(ca);
  const bench = await createAccountBench({
    directoryUrl: `https://127.0.0.1:${port}/dir`,
    caBundlePem: ca.caPem,
  });
  try {
    const error = await bench
      .open({ timeoutMs: code === 'TIMED_OUT' ? SHORT_TIMEOUT_MS : TIMEOUT_MS })
      .readDirectory()
      .catch((one: unknown) => one);
    expect(error).toMatchObject({ name: 'AcmeProtocolError', code, message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(`the CA at 127.0.0.1:${port}`);
    expect((error as Error).message).not.toContain('\n');
  } finally {
    await bench.remove();
  }
});

test('a caller’s signal ends a request at once', async () => {
  const ca = await createTransportCa();
  const port = await listen(createServer((socket) => void socket.resume()));
  const bench = await createAccountBench({
    directoryUrl: `https://127.0.0.1:${port}/dir`,
    caBundlePem: ca.caPem,
  });
  const stop = new AbortController();
  const reading = bench.open({ timeoutMs: TIMEOUT_MS }).readDirectory(stop.signal);
  stop.abort();
  await expect(reading).rejects.toMatchObject({ code: 'ABORTED' });
  await bench.remove();
});
