import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SocketHttpProbe } from '../../../src/adapters/probe/http-probe.js';
import { DnsResolver } from '../../../src/adapters/probe/resolver.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import { type EmbeddedDns, startEmbeddedDns } from '../../support/embedded-dns.js';
import { type EmbeddedWeb, startEmbeddedWeb } from '../../support/embedded-web.js';
import { LOOPBACK_RANGES } from '../../support/loopback.js';
import { TestPki } from '../../support/openssl-pair.js';

/** Ms, for a server that stays silent; what answers is given the time that it needs. */
const SHORT_TIMEOUT_MS = 400;
const TIMEOUT_MS = 30_000;
const PATH = '/.well-known/acme-challenge/token';
let pki: TestPki;
let dns: EmbeddedDns;
let web: EmbeddedWeb;
let probe: SocketHttpProbe;
const raw: Server[] = [];

beforeAll(async () => {
  pki = TestPki.make('shop.test');
  dns = await startEmbeddedDns([
    ['shop.test', { A: ['127.0.0.1'] }],
    ['www.shop.test', { A: ['127.0.0.1'] }],
    ['six-first.test', { AAAA: ['::1'], A: ['127.0.0.1'] }],
    // Public by DNS; the fetch itself is sent to the given loopback address.
    ['public.test', { A: ['192.0.2.1'] }],
    ['inside.test', { A: ['10.0.0.1'] }],
    ['mixed.test', { AAAA: ['2001:4860:4860::8888'], A: ['169.254.169.254'] }],
    ['both.test', { A: ['127.0.0.1', '169.254.169.254'] }],
    ['meta.test', { A: ['169.254.169.254'] }],
    ['broken.test', { rcode: 'SERVFAIL' }],
  ]);
  web = await startEmbeddedWeb({
    tree: { at: (path) => pki.folder + path, challenges: () => pki.folder, combined: () => pki.combined },
    websites: [['shop.test', { vhost: 'shop.test', documentRoot: null }]],
  });
  probe = new SocketHttpProbe(new DnsResolver({ servers: [dns.server] }), {
    httpPort: web.httpPort,
    httpsPort: web.httpsPort,
    hopTimeoutMs: TIMEOUT_MS,
    totalTimeoutMs: TIMEOUT_MS,
    policy: { ownAddresses: [], addressMap: new Map(), privateNetworks: LOOPBACK_RANGES },
  });
});
afterAll(async () => {
  pki.remove();
  await Promise.all([web.close(), dns.close(), ...raw.map((server) => server.close())]);
});
beforeEach(() => {
  web.behaviours.clear();
  web.requests.length = 0;
});

const fetch = (host = 'shop.test', maxRedirects = 3) =>
  probe.fetch({ host: parseDomainName(host), address: '127.0.0.1', path: PATH, maxRedirects });
const redirect = (host: string, location: string | ((url: string) => string), status = 302) =>
  web.behaviours.set(host, (request, response) => {
    response.writeHead(status, {
      location: typeof location === 'string' ? location : location(request.url ?? ''),
    });
    response.end('moved');
  });
const serve = (host: string, body: string) =>
  web.behaviours.set(host, (_request, response) => response.end(body));
/** A server that does with the connection what the test says, in place of the web server. */
async function probeOf(
  onConnection: (socket: import('node:net').Socket) => void,
  hopTimeoutMs = TIMEOUT_MS,
): Promise<SocketHttpProbe> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  raw.push(server);
  return new SocketHttpProbe(new DnsResolver({ servers: [dns.server] }), {
    httpPort: (server.address() as AddressInfo).port,
    hopTimeoutMs,
    totalTimeoutMs: TIMEOUT_MS,
  });
}

describe('one fetch', () => {
  test('goes to the given address with the name as Host', async () => {
    serve('public.test', 'token.thumb');
    const seen = await fetch('public.test');
    expect(seen).toEqual({
      hops: [{ url: `http://public.test${PATH}`, address: '127.0.0.1', status: 200, location: null }],
      body: 'token.thumb',
      isBodyTruncated: false,
      error: null,
      isRedirectLimitReached: false,
      refusedRedirect: null,
    });
    expect(web.requests).toEqual([`http public.test ${PATH}`]);
  });
  test('keeps 8 KiB of a body that never ends', async () => {
    web.behaviours.set('shop.test', (_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(4096)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const seen = await fetch();
    expect(seen).toMatchObject({ isBodyTruncated: true, error: null });
    expect(seen.body).toHaveLength(8192);
  });
  test('does not wait for a silent web server', async () => {
    const silent = await probeOf(() => undefined, SHORT_TIMEOUT_MS);
    const seen = await silent.fetch({
      host: parseDomainName('shop.test'),
      address: '127.0.0.1',
      path: PATH,
      maxRedirects: 0,
    });
    expect(seen).toMatchObject({ error: 'ETIME', body: null, hops: [{ status: null }] });
  });
  test('headers without end are an error code too', async () => {
    const odd = await probeOf((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      socket.on('data', () => socket.write('X-A: y\r\n'.repeat(40_000)));
    });
    const seen = await odd.fetch({
      host: parseDomainName('shop.test'),
      address: '127.0.0.1',
      path: PATH,
      maxRedirects: 0,
    });
    expect(seen.error).toBe('HPE_HEADER_OVERFLOW');
  });
  test.each<[string, string, string]>([
    ['a server that speaks something else', 'SSH-2.0-OpenSSH_9\r\n', 'HPE_INVALID_CONSTANT'],
    ['a server that closes at once', '', 'ECONNRESET'],
    ['a body shorter than promised', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort', 'ECONNRESET'],
  ])('%s is an error code, not an exception', async (_case, answer, error) => {
    const odd = await probeOf((socket) => socket.end(answer));
    const seen = await odd.fetch({
      host: parseDomainName('shop.test'),
      address: '127.0.0.1',
      path: PATH,
      maxRedirects: 0,
    });
    expect(seen.error).toBe(error);
  });
  test('a closed port', async () => {
    const closed = await probeOf((socket) => socket.end());
    await new Promise((done) => raw.pop()?.close(done));
    const seen = await closed.fetch({
      host: parseDomainName('shop.test'),
      address: '127.0.0.1',
      path: PATH,
      maxRedirects: 0,
    });
    expect(seen.error).toBe('ECONNREFUSED');
  });
  test('an address that is none is never resolved', async () => {
    const seen = await probe.fetch({
      host: parseDomainName('shop.test'),
      address: 'localhost',
      path: PATH,
      maxRedirects: 0,
    });
    expect(seen.error).toBe('EINVAL');
  });
  test('ends when the run ends', async () => {
    const silent = await probeOf(() => undefined);
    const controller = new AbortController();
    const seen = silent.fetch({
      host: parseDomainName('shop.test'),
      address: '127.0.0.1',
      path: PATH,
      maxRedirects: 0,
      signal: controller.signal,
    });
    controller.abort(new Error('enough'));
    expect((await seen).error).toBe('ABORT_ERR');
  });
});

describe('redirects', () => {
  test.each([301, 302, 307, 308])('%i is followed to another host', async (status) => {
    redirect('shop.test', 'http://www.shop.test/elsewhere#part', status);
    serve('www.shop.test', 'found');
    const seen = await fetch();
    expect(seen.body).toBe('found');
    expect(seen.hops).toEqual([
      {
        url: `http://shop.test${PATH}`,
        address: '127.0.0.1',
        status,
        location: 'http://www.shop.test/elsewhere#part',
      },
      { url: 'http://www.shop.test/elsewhere', address: '127.0.0.1', status: 200, location: null },
    ]);
  });
  test.each([300, 303, 304, 305])('%i is not', async (status) => {
    redirect('shop.test', 'http://www.shop.test/', status);
    const seen = await fetch();
    expect(seen).toMatchObject({ hops: [{ status }], body: null, refusedRedirect: null });
  });
  test('to https, whatever the certificate', async () => {
    web.behaviours.set('shop.test', (request, response) => {
      if ('encrypted' in request.socket) return response.end('over tls');
      response.writeHead(301, { location: `https://shop.test${PATH}` });
      return response.end();
    });
    expect((await fetch()).body).toBe('over tls');
    expect(web.requests).toEqual([`http shop.test ${PATH}`, `https shop.test ${PATH}`]);
  });
  test('relative ones stay at the same address', async () => {
    web.behaviours.set('public.test', (request, response) => {
      if (request.url === '/b') return response.end('here');
      response.writeHead(302, { location: '../../b' });
      return response.end();
    });
    const seen = await fetch('public.test');
    expect(seen.hops.map(({ url, address }) => `${url} ${address}`)).toEqual([
      `http://public.test${PATH} 127.0.0.1`,
      'http://public.test/b 127.0.0.1',
    ]);
  });
  test('are counted: the permitted number and the one too many show', async () => {
    redirect('shop.test', (url) => `${url}x`);
    const seen = await fetch('shop.test', 2);
    expect(seen.isRedirectLimitReached).toBe(true);
    expect(seen.hops).toHaveLength(3);
  });
  test('none are followed when none are allowed', async () => {
    redirect('shop.test', '/x');
    expect(await fetch('shop.test', 0)).toMatchObject({
      isRedirectLimitReached: true,
      hops: [{ status: 302 }],
    });
  });
  test('in a circle end at once', async () => {
    redirect('shop.test', (url) => (url === '/b' ? PATH : '/b'));
    const seen = await fetch('shop.test', 10);
    expect(seen).toMatchObject({ isRedirectLimitReached: false, error: null, body: null });
    expect(seen.hops).toHaveLength(2);
  });
  test.each([
    ['another scheme', 'ftp://www.shop.test/', 'scheme ftp'],
    ['a file', 'file:///etc/passwd', 'scheme file'],
    ['another port', 'http://www.shop.test:22/', 'port 22'],
    ['an address', 'http://127.0.0.1/', 'its host is not a domain name'],
    ['an address written as a number', 'http://2130706433/', 'its host is not a domain name'],
    ['a single label', 'http://localhost/', 'its host is not a domain name'],
    ['no URL at all', 'http://[', 'it is no URL'],
  ])('to %s are refused', async (_case, location, why) => {
    redirect('shop.test', location);
    const seen = await fetch();
    expect(seen.refusedRedirect).toBe(why);
    expect(seen.hops).toHaveLength(1);
  });
  test.each([
    ['the private network', 'http://inside.test/', '10.0.0.1'],
    ['loopback', 'http://shop.test/', '127.0.0.1'],
    ['a link-local address behind a public one', 'http://mixed.test/', '169.254.169.254'],
  ])('from a public name to %s are refused before anything is sent', async (_case, location, address) => {
    redirect('public.test', location);
    const seen = await fetch('public.test');
    expect(seen.refusedRedirect).toContain(address);
    expect(web.requests).toHaveLength(1);
  });
  test.each([
    ['the private network', 'http://inside.test/', '10.0.0.1'],
    ['a link-local address', 'http://mixed.test/', '169.254.169.254'],
    ['another of its own addresses', 'http://both.test/', '169.254.169.254'],
  ])('from a name that its owner put at loopback to %s too', async (_case, location, address) => {
    redirect('shop.test', location);
    redirect('both.test', 'http://meta.test/');
    const seen = await fetch(location.includes('both') ? 'both.test' : 'shop.test');
    expect(seen.refusedRedirect).toContain(address);
    expect(web.requests).toHaveLength(1);
  });
  test.each([
    ['that does not exist', 'http://nowhere.test/', 'ENOTFOUND'],
    ['whose DNS fails', 'http://broken.test/', 'ESERVFAIL'],
  ])('to a host %s say so', async (_case, location, error) => {
    redirect('shop.test', location);
    const seen = await fetch();
    expect(seen.error).toBe(error);
    expect(seen.hops.at(-1)).toEqual({ url: location, address: null, status: null, location: null });
  });
  test('credentials in a Location are not sent', async () => {
    const headers: (string | undefined)[] = [];
    redirect('shop.test', 'http://user:secret@www.shop.test/');
    web.behaviours.set('www.shop.test', (request, response) => {
      headers.push(request.headers.authorization);
      response.end('ok');
    });
    expect((await fetch()).body).toBe('ok');
    expect(headers).toEqual([undefined]);
  });
});
