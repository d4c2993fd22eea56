import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { SmtpChannel } from '../../../src/adapters/notify/smtp.js';
import { buildChildProgram, Child } from '../../support/child-program.js';
import { aMessage } from '../../support/outgoing-message.js';

/** A mail server that notes what it is told, and answers `.` (or anything) as it is set. */
class MailServer {
  readonly heard: string[] = [];
  connections = 0;
  answers: Readonly<Record<string, string>> = {};
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => this.#talk(socket));

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #talk(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    let isData = false;
    let rest = '';
    socket.write('220 mail.test\r\n');
    socket.on('data', (chunk) => {
      rest += chunk;
      const lines = rest.split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (isData && line !== '.') continue;
        const word = line.split(/[ :]/)[0] ?? '';
        this.heard.push(word);
        isData = word === 'DATA' && this.answers[word] === undefined;
        socket.write(`${this.answers[word] ?? (isData ? '354 go on' : '250 OK')}\r\n`);
      }
    });
  }
}

let server: MailServer;
let port: number;
afterEach(() => server.close());

async function open(): Promise<SmtpChannel> {
  server = new MailServer();
  port = await server.listen();
  return new SmtpChannel({
    ...{ host: '127.0.0.1', port, tls: 'none', login: null, caBundle: null },
    ...{ timeoutMs: 20_000, from: null, hostname: 'host.test' },
  });
}

test('forty mails over one session leave no listener behind, and have node warn of none', async () => {
  await open();
  const child = new Child(await buildChildProgram('mail-sender'), [String(port)]);
  expect(JSON.parse(await child.line())).toEqual({ delivered: 40, warnings: [] });
  await child.exited();
  expect(server.connections).toBe(1);
});

test('a mail counts as handed over when the server wants it, and not before', async () => {
  const channel = await open();
  const heardBefore: string[][] = [];
  const handingOver = async (): Promise<void> => {
    heardBefore.push([...server.heard]);
  };
  const deliver = () => channel.deliver(aMessage(), new AbortController().signal, handingOver);
  for (const word of ['EHLO', 'MAIL', 'RCPT', 'DATA']) {
    server.answers = { [word]: '451 later', ...(word === 'EHLO' ? { HELO: '451 later' } : {}) };
    expect(await deliver()).toMatchObject({ outcome: 'refused', mayHaveArrived: false });
  }
  expect(heardBefore).toEqual([]);
  server.answers = {};
  server.heard.length = 0;
  expect(await deliver()).toMatchObject({ outcome: 'delivered' });
  expect(heardBefore).toEqual([['EHLO', 'MAIL', 'RCPT', 'DATA']]);
  await channel.close();
});

test('what could not be noted is not sent', async () => {
  const channel = await open();
  const fault = new Error('the disk is full');
  const deliver = channel.deliver(aMessage(), new AbortController().signal, () => Promise.reject(fault));
  await expect(deliver).rejects.toThrow('the disk is full');
  expect(server.heard).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA']);
  await channel.close();
});
