import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CommandChannel } from '../../src/adapters/notify/command.js';
import { SendmailChannel } from '../../src/adapters/notify/sendmail.js';
import { SmtpChannel } from '../../src/adapters/notify/smtp.js';
import { WebhookChannel } from '../../src/adapters/notify/webhook.js';
import { systemClock } from '../../src/adapters/system/clock.js';
import { Secret } from '../../src/core/domain/secret.js';
import type { OutgoingMessage } from '../../src/core/notice/outgoing-message.js';
import type { NoticeChannel } from '../../src/runs/ports/messages.js';
import { FakeChannel, refusal } from '../support/fake-channel.js';
import { aMessage } from '../support/outgoing-message.js';
import { freePort } from '../support/ports.js';

const EVERYBODY = ['administrator', 'user'] as const;
const PATIENT_MS = 30_000;
const HASTY_MS = 1_500;

interface Way {
  readonly channel: NoticeChannel;
  readonly message?: Partial<OutgoingMessage>;
}

/** One kind of channel in each condition that it can meet. */
interface Bench {
  accepting(): Way;
  refusing(): Way;
  busy(): Way;
  down(): Promise<Way>;
  hanging(timeoutMs: number): Way;
  /** What arrived, as it arrived. */
  arrived(): readonly string[];
  close(): Promise<void>;
}

/** What runs rely on holds for every way out of this server, and for the one in memory that stands for them. */
function declareContract(open: () => Promise<Bench>): void {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());
  const deliver = async ({ channel, message }: Way, signal = new AbortController().signal) => {
    const answer = await channel.deliver(aMessage(message), signal);
    await channel.close();
    return answer;
  };

  test('a message that is taken arrives, with its id', async () => {
    expect(await deliver(bench.accepting())).toEqual({ outcome: 'delivered', said: expect.any(String) });
    expect(bench.arrived().at(-1)).toContain(aMessage().id);
  });

  test('one that is never taken is said so', async () => {
    expect(await deliver(bench.refusing())).toMatchObject({ outcome: 'refused', isPermanent: true });
  });

  test('one that is not taken now is worth another attempt', async () => {
    expect(await deliver(bench.busy())).toMatchObject({ outcome: 'refused', isPermanent: false });
  });

  test('a channel that is down is not the message’s fault', async () => {
    expect(await deliver(await bench.down())).toMatchObject({
      ...{ outcome: 'refused', isPermanent: false, isChannelDown: true, mayHaveArrived: false },
      why: expect.stringMatching(/^[^\n]+$/),
    });
  });

  test('one that is stopped ends at once', async () => {
    const controller = new AbortController();
    const answer = deliver(bench.hanging(PATIENT_MS * 20), controller.signal);
    setTimeout(() => controller.abort(new Error('stopped')), 300);
    expect(await answer).toMatchObject({ outcome: 'refused', isPermanent: false });
  });

  test('whoever is told to stop before begins nothing', async () => {
    const before = bench.arrived().length;
    expect(await deliver(bench.accepting(), AbortSignal.abort(new Error('stopped')))).toMatchObject({
      outcome: 'refused',
      isPermanent: false,
    });
    expect(bench.arrived().length).toBe(before);
  });

  test('hostile text stays text', async () => {
    const hostile = 'x\r\nBcc: everybody@example.com\r\n\r\n.\r\nRCPT TO:<x@example.com>\u001b[2J';
    const message = { id: 'told-hostile', subject: hostile, text: hostile, html: hostile };
    const way = bench.accepting();
    expect(await deliver({ ...way, message: { ...way.message, ...message } })).toMatchObject({
      outcome: 'delivered',
    });
    const arrived = bench.arrived().at(-1) ?? '';
    expect(arrived).toContain('told-hostile');
    // Below the first empty line it is only a body.
    expect(arrived.split('\n\n')[0]).not.toMatch(/^Bcc:/im);
    expect(arrived).not.toContain('\u001b');
  });
}

function declareTimeout(open: () => Promise<Bench>): void {
  test('a channel that hangs is left after its time', async () => {
    const bench = await open();
    const { channel, message } = bench.hanging(HASTY_MS);
    const answer = await channel.deliver(aMessage(message), new AbortController().signal);
    expect(answer).toMatchObject({ outcome: 'refused', isPermanent: false, isChannelDown: true });
    await bench.close();
  });
}

describe('the channel in memory', () => {
  declareContract(async () => {
    const taken: string[] = [];
    const channel = (answer: FakeChannel['answer']): Way => {
      const fake = new FakeChannel();
      fake.answer = answer;
      return { channel: fake };
    };
    return {
      accepting: () =>
        channel((message) => {
          taken.push(JSON.stringify(message));
          return { outcome: 'delivered', said: 'taken' };
        }),
      refusing: () => channel(() => refusal({ isPermanent: true })),
      busy: () => channel(() => refusal()),
      down: async () => channel(() => refusal({ isChannelDown: true })),
      hanging: () => channel(() => null),
      arrived: () => taken,
      close: async () => undefined,
    };
  });
});

/** Programs of root's in a folder where nobody else may write. */
class Programs {
  readonly folder = realpathSync(mkdtempSync('/var/tmp/autossl-notify-'));
  readonly taken = join(this.folder, 'taken');

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  arrived(): readonly string[] {
    return existsSync(this.taken) ? readFileSync(this.taken, 'utf8').split('\nEND\n').slice(0, -1) : [];
  }

  bench(channelOf: (program: string, timeoutMs: number) => NoticeChannel): Bench {
    const way = (name: string, text: string, timeoutMs = PATIENT_MS): Way => ({
      channel: channelOf(this.write(name, text), timeoutMs),
    });
    return {
      accepting: () =>
        way(
          'takes',
          `printf '%s\\n' "$@" > ${this.folder}/words; env > ${this.folder}/env; cat >> ${this.taken}; echo END >> ${this.taken}`,
        ),
      refusing: () => way('refuses', 'cat > /dev/null; echo "no such user" >&2; exit 67'),
      busy: () => way('busy', 'cat > /dev/null; exit 75'),
      down: async () => ({ channel: channelOf(join(this.folder, 'nowhere'), PATIENT_MS) }),
      hanging: (timeoutMs) => way('hangs', 'exec sleep 600', timeoutMs),
      arrived: () => this.arrived(),
      close: async () => rmSync(this.folder, { recursive: true, force: true }),
    };
  }
}

describe('sendmail', () => {
  const sendmail = (program: string, timeoutMs: number) =>
    new SendmailChannel({ program, from: null, hostname: 'host.test' }, timeoutMs);
  let programs: Programs;
  const open = async (): Promise<Bench> => {
    programs = new Programs();
    return programs.bench(sendmail);
  };
  declareContract(open);
  declareTimeout(open);

  test('is told nothing but how to read the mail, whoever it is for', async () => {
    const bench = await open();
    await bench
      .accepting()
      .channel.deliver(aMessage({ to: 'alice+x@example.com' }), new AbortController().signal);
    expect(readFileSync(join(programs.folder, 'words'), 'utf8')).toBe('-t\n-oi\n');
    expect(bench.arrived().at(-1)).toMatch(/^To: alice\+x@example\.com$/m);
    await bench.close();
  });
});

describe('a command', () => {
  let programs: Programs;
  const command = (program: string, timeoutMs: number) =>
    new CommandChannel({ command: [program, '--from', 'us'], audiences: EVERYBODY, timeoutMs });
  const open = async (): Promise<Bench> => {
    programs = new Programs();
    return programs.bench(command);
  };
  declareContract(open);
  declareTimeout(open);

  test('gets its own arguments, JSON on standard input, and nothing of our environment', async () => {
    const bench = await open();
    process.env['AUTOSSL_TEST_SECRET'] = 'hush';
    await bench.accepting().channel.deliver(aMessage(), new AbortController().signal);
    delete process.env['AUTOSSL_TEST_SECRET'];
    expect(readFileSync(join(programs.folder, 'words'), 'utf8')).toBe('--from\nus\n');
    expect(readFileSync(join(programs.folder, 'env'), 'utf8')).not.toContain('hush');
    const { html, ...handed } = aMessage();
    expect(JSON.parse(bench.arrived().at(-1) ?? '')).toEqual(handed);
    expect(html).not.toBe('');
    await bench.close();
  });

  test('that others may write is not run', async () => {
    const bench = await open();
    const { channel } = bench.accepting();
    chmodSync(join(programs.folder, 'takes'), 0o777);
    expect(await channel.deliver(aMessage(), new AbortController().signal)).toMatchObject({
      ...{ outcome: 'refused', isPermanent: false },
      why: expect.stringContaining('may be written by others'),
    });
    expect(bench.arrived()).toEqual([]);
    await bench.close();
  });
});

describe('a webhook', () => {
  const open = async (): Promise<Bench> => {
    const taken: string[] = [];
    const receiver: Server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        const status = { '/refuses': 422, '/busy': 429 }[request.url ?? ''] ?? 204;
        if (request.url === '/hangs') return;
        if (status === 204) taken.push(body);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const at = (path: string, timeoutMs = PATIENT_MS, to = port): Way => ({
      channel: new WebhookChannel(
        {
          ...{ url: `http://127.0.0.1:${to}${path}`, secret: new Secret('s'), caBundle: null },
          ...{ audiences: EVERYBODY, timeoutMs },
        },
        systemClock,
      ),
    });
    return {
      accepting: () => at('/takes'),
      refusing: () => at('/refuses'),
      busy: () => at('/busy'),
      down: async () => at('/takes', PATIENT_MS, await freePort()),
      hanging: (timeoutMs) => at('/hangs', timeoutMs),
      arrived: () => taken,
      close: async () => {
        receiver.closeAllConnections();
        await new Promise((resolve) => receiver.close(resolve));
      },
    };
  };
  declareContract(open);
  declareTimeout(open);
});

/** SMTP as far as a server that is asked for one mail needs it; real ones are in test/integration/notify. */
describe('SMTP', () => {
  const open = async (): Promise<Bench> => {
    const taken: string[] = [];
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      let isData = false;
      let data = '';
      let rest = '';
      socket.write('220 mail.test ESMTP\r\n');
      socket.setEncoding('utf8').on('data', (part: string) => {
        rest += part;
        for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
          const line = rest.slice(0, end);
          rest = rest.slice(end + 2);
          if (!isData) {
            isData = line === 'DATA';
            if (!line.startsWith('RCPT TO:<hang')) socket.write(`${replyTo(line)}\r\n`);
          } else if (line === '.') {
            taken.push(data);
            data = '';
            isData = false;
            socket.write('250 OK id=1\r\n');
          } else data += `${line}\n`;
        }
      });
    });
    const sockets = new Set<import('node:net').Socket>();
    server.on('connection', (socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const way = (to: string, timeoutMs = PATIENT_MS, at = port): Way => ({
      channel: new SmtpChannel({
        ...{ host: '127.0.0.1', port: at, tls: 'none', login: null, caBundle: null },
        ...{ timeoutMs, from: null, hostname: 'host.test' },
      }),
      message: { to },
    });
    return {
      accepting: () => way('root'),
      refusing: () => way('refuse@example.com'),
      busy: () => way('later@example.com'),
      down: async () => way('root', PATIENT_MS, await freePort()),
      hanging: (timeoutMs) => way('hang@example.com', timeoutMs),
      arrived: () => taken,
      close: async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  };
  declareContract(open);
  declareTimeout(open);
});

function replyTo(line: string): string {
  if (line.startsWith('EHLO')) return '250 mail.test';
  if (line === 'DATA') return '354 go on';
  if (line.startsWith('RCPT TO:<refuse')) return '550 no such user here';
  if (line.startsWith('RCPT TO:<later')) return '451 try again later';
  return '250 OK';
}
