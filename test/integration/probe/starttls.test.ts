import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SocketTlsProbe } from '../../../src/adapters/probe/tls-probe.js';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import type { StartTlsProtocol } from '../../../src/core/plan/served/server-site.js';
import { aCertificate } from '../../support/pki.js';

const leaf = aCertificate({ names: ['mail.test'] });
const { fingerprint } = readCertificate(leaf.der);
const probe = new SocketTlsProbe(20_000);

const open: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
});

async function listening(speak: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    speak(socket);
  });
  open.push({ server, sockets });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What a server says first, and to each thing that it is told; after the last one TLS begins. */
const DIALOGUES: Readonly<Record<StartTlsProtocol, readonly string[]>> = {
  smtp: ['220-mail.test\r\n220 hello\r\n', '250-mail.test\r\n250 STARTTLS\r\n', '220 go\r\n'],
  imap: ['* OK hello\r\n', 'a OK go\r\n'],
  pop3: ['+OK hello\r\n', '+OK go\r\n'],
  ftp: ['220 hello\r\n', '234 go\r\n'],
};

/** What the server read after the handshake, and the name it was asked for. */
interface Heard {
  readonly said: string[];
  name: string | undefined;
}

function speaking(protocol: StartTlsProtocol, heard: Heard): (socket: Socket) => void {
  return (socket) => {
    const [greeting, ...answers] = DIALOGUES[protocol];
    socket.write(greeting ?? '');
    const onData = (): void => {
      const answer = answers.shift() ?? '';
      socket.write(answer);
      if (answers.length > 0) return;
      socket.off('data', onData);
      const secured = new TLSSocket(socket, {
        isServer: true,
        SNICallback: (name, done) => {
          heard.name = name;
          done(null, createSecureContext({ key: leaf.keyPem, cert: leaf.chainPem }));
        },
        key: leaf.keyPem,
        cert: leaf.chainPem,
      });
      secured.on('error', () => undefined);
      secured.on('data', (bytes: Buffer) => heard.said.push(bytes.toString()));
    };
    socket.on('data', onData);
  };
}

describe('after STARTTLS', () => {
  test.each<[StartTlsProtocol, string]>([
    ['smtp', 'QUIT\r\n'],
    ['imap', 'z LOGOUT\r\n'],
    ['pop3', 'QUIT\r\n'],
    ['ftp', 'QUIT\r\n'],
  ])(
    'of %s the certificate is shown, for the name that was asked for, with a goodbye',
    async (protocol, goodbye) => {
      const heard: Heard = { said: [], name: undefined };
      const port = await listening(speaking(protocol, heard));
      const seen = await probe.handshake({
        address: '127.0.0.1',
        port,
        serverName: 'mail.test',
        startTls: protocol,
      });
      expect(seen).toMatchObject({ fingerprint, names: ['mail.test'], error: null });
      expect(heard.name).toBe('mail.test');
      const [{ sockets } = { sockets: new Set<Socket>() }] = open;
      for (const socket of sockets) if (!socket.destroyed) await once(socket, 'close');
      expect(heard.said.join('')).toBe(goodbye);
    },
  );
});

describe('a server that means no good', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['says nothing', () => undefined, 'ETIME'],
    [
      'says something without a line end, again and again',
      (socket) => drip(socket, '220 '),
      'STARTTLS_TOO_LONG',
    ],
    ['has a greeting without an end', (socket) => drip(socket, '220-hello\r\n'), 'STARTTLS_TOO_LONG'],
    ['hangs up', (socket) => socket.end('220 hello\r\n'), 'ECONNRESET'],
    ['answers garbage', (socket) => socket.write(Buffer.from([0, 255, 10, 13, 10])), 'STARTTLS_GARBAGE'],
    [
      'puts text before TLS',
      (socket) => answering(socket, '220 go\r\n250 injected\r\n'),
      'STARTTLS_INJECTED',
    ],
    ['promises TLS and says nothing more', (socket) => answering(socket, '220 go\r\n'), 'ETIME'],
  ])('%s: the probe ends by itself', async (_, speak, error) => {
    const port = await listening(speak);
    const isSilent = error === 'ETIME';
    const seen = await probe.handshake({
      address: '127.0.0.1',
      port,
      serverName: 'mail.test',
      startTls: 'smtp',
      ...(isSilent ? { timeoutMs: 300 } : {}),
    });
    expect(seen).toMatchObject({ fingerprint: null, error });
  });

  test('may be left at any moment', async () => {
    const stop = new AbortController();
    const port = await listening(() => stop.abort());
    const asked = {
      address: '127.0.0.1',
      port,
      serverName: 'mail.test',
      startTls: 'imap',
      signal: stop.signal,
    } as const;
    expect((await probe.handshake(asked)).error).toMatch(/ABORT/);
  });
});

function drip(socket: Socket, text: string): void {
  const more = (): void => {
    if (!socket.destroyed) socket.write(text.repeat(100), () => setImmediate(more));
  };
  more();
}

function answering(socket: Socket, last: string): void {
  const answers = ['250 STARTTLS\r\n', last];
  socket.write('220 hello\r\n');
  socket.on('data', () => socket.write(answers.shift() ?? ''));
}
