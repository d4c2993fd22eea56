import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SocketTlsProbe } from '../../../src/adapters/probe/tls-probe.js';
import { aCertificate, anIntermediate, aRoot } from '../../support/pki.js';
import { freePort } from '../../support/ports.js';

const sha256 = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
const probe = new SocketTlsProbe();
const leaf = aCertificate({ names: ['a.test', '*.a.test', '192.0.2.7'] });

const open: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
});

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  open.push({ server, sockets });
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const tls = (options: TlsOptions, host?: string): Promise<number> =>
  listening(createTlsServer(options), host);

describe('a handshake', () => {
  test('shows what was sent, leaf first, whoever signed it', async () => {
    const port = await tls({ key: leaf.keyPem, cert: leaf.chainPem });
    expect(await probe.handshake({ address: '127.0.0.1', port, serverName: 'a.test' })).toEqual({
      fingerprint: sha256(leaf.der),
      chain: [sha256(leaf.der), sha256(anIntermediate().der)],
      names: ['a.test', '*.a.test', '192.0.2.7'],
      protocol: 'TLSv1.3',
      error: null,
    });
  });

  test('shows a self-signed certificate once, and a root where it was sent', async () => {
    const alone = aCertificate({ names: ['a.test'], issuer: 'self' });
    const port = await tls({ key: alone.keyPem, cert: alone.certPem });
    const seen = await probe.handshake({ address: '127.0.0.1', port, serverName: 'a.test' });
    expect(seen).toMatchObject({ chain: [sha256(alone.der)], error: null });
    const whole = await tls({ key: leaf.keyPem, cert: leaf.chainPem + aRoot().certPem });
    expect(
      (await probe.handshake({ address: '127.0.0.1', port: whole, serverName: 'a.test' })).chain,
    ).toHaveLength(3);
  });

  test('is done in IPv6, and with an expired certificate', async () => {
    const expired = aCertificate({ names: ['a.test'], notBefore: '2024-01-01T00:00:00Z', hours: 1 });
    const port = await tls({ key: expired.keyPem, cert: expired.chainPem }, '::1');
    expect(await probe.handshake({ address: '::1', port, serverName: 'a.test' })).toMatchObject({
      fingerprint: sha256(expired.der),
    });
  });

  test.each<[string, string | null, string | false]>([
    ['names the server', 'a.test', 'a.test'],
    ['names nobody when it shall not', null, false],
    ['names no address', '127.0.0.1', false],
  ])('%s', async (_, serverName, expected) => {
    const server = createTlsServer({ key: leaf.keyPem, cert: leaf.chainPem });
    const named = new Promise((resolve) =>
      server.once('secureConnection', (socket: Socket & { servername?: string | false }) =>
        resolve(socket.servername),
      ),
    );
    const port = await listening(server);
    await probe.handshake({ address: '127.0.0.1', port, serverName });
    expect(await named).toBe(expected);
  });

  test('is refused where nothing listens', async () => {
    const port = await freePort();
    expect(await probe.handshake({ address: '127.0.0.1', port, serverName: 'a.test' })).toEqual({
      fingerprint: null,
      chain: [],
      names: [],
      protocol: null,
      error: 'ECONNREFUSED',
    });
  });

  test.each<[string, (socket: Socket) => void, RegExp]>([
    [
      'plain HTTP',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/,
    ],
    ['a closed connection', (socket) => socket.end(), /^ECONNRESET$/],
    ['a reset', (socket) => socket.resetAndDestroy(), /^ECONNRESET$/],
    ['silence', () => undefined, /^ETIME$/],
  ])('ends with a code after %s', async (_, answer, code) => {
    const port = await listening(createServer(answer));
    // Silence alone takes the time that is given.
    const timeoutMs = code.test('ETIME') ? 500 : 30_000;
    const seen = await probe.handshake({ address: '127.0.0.1', port, serverName: 'a.test', timeoutMs });
    expect(seen.error).toMatch(code);
    expect(seen.fingerprint).toBeNull();
  });

  test('ends when its caller says so, also before it began', async () => {
    const port = await listening(createServer(() => undefined));
    const stopper = new AbortController();
    const pending = probe.handshake({
      address: '127.0.0.1',
      port,
      serverName: 'a.test',
      signal: stopper.signal,
    });
    stopper.abort();
    expect(await pending).toMatchObject({ error: 'ABORT_ERR' });
    expect(
      await probe.handshake({ address: '127.0.0.1', port, serverName: 'a.test', signal: stopper.signal }),
    ).toMatchObject({ error: 'ABORT_ERR' });
  });

  test.each([
    ['a name for an address', 'localhost', 443],
    ['a port that is none', '127.0.0.1', 99_999],
  ])('with %s is an error value', async (_, address, port) => {
    const seen = await probe.handshake({ address, port, serverName: 'a.test' });
    expect(seen.error).toMatch(/^(EINVAL|ERR_SOCKET_BAD_PORT)$/);
  });
});
