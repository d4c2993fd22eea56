import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FileOutbox } from '../../../src/adapters/notify/outbox/outbox.js';
import { systemClock } from '../../../src/adapters/system/clock.js';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { aMessage } from '../../support/outgoing-message.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

beforeAll(() => buildPrograms());

describe('messages of a server', () => {
  let built: BuiltTree;
  beforeEach(() => {
    built = aTree().file('/etc/hostname', 'host.test\n').build();
  });
  afterEach(() => built.cleanUp());

  /** Mail goes into a file, by a program that ends so. */
  function mailBy(exitCode: number, more: object = {}): void {
    const program = built.path('/opt/sendmail');
    built.write('/opt/sendmail', `#!/bin/sh\ncat >> ${built.path('/opt/mails')}\nexit ${exitCode}\n`, 0o755);
    const settings = { mail: { sendmail: program }, ...more };
    built.write('/etc/autossl.yaml', JSON.stringify(settings), 0o600);
  }
  const mails = (): string => {
    try {
      return readFileSync(built.path('/opt/mails'), 'utf8');
    } catch {
      return '';
    }
  };
  const add = (id: string) => new FileOutbox(built.tree, systemClock).add([aMessage({ id })]);
  const poll = (...words: readonly string[]) => runBin('autossl_check_queue', words, built.root);

  test('are delivered by the poller, which says nothing of it', async () => {
    mailBy(0);
    await add('told-1');
    expect(await poll()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(mails()).toContain('Message-ID: <told-1@host.test>');
    expect(readdirSync(built.tree.outbox())).toEqual([]);
    await add('told-1');
    await poll();
    expect(mails().match(/Message-ID/g)).toHaveLength(1);
  });

  test('that cannot be delivered now change nothing of the poller’s result, and are listed', async () => {
    mailBy(75);
    await add('told-1');
    expect(await poll()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect((await runBin('autossl', ['notify', 'list'], built.root)).stdout).toMatch(
      /root .* mail +waiting +1 .*ended with code 75/,
    );
    const { stdout, exitCode } = await runBin('autossl', ['notify', 'list', '--json'], built.root);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ schemaVersion: 1, givenUp: [], damaged: [] },
      waiting: [{ id: 'told-1', to: 'root', channels: { mail: { state: 'waiting', attempts: 1 } } }],
    });
  });

  test('that are given up are told once', async () => {
    mailBy(67);
    await add('told-1');
    const { exitCode, stdout, stderr } = await poll();
    expect([exitCode, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/A message could not be delivered, and is given up: to root, mail by .*code 67/);
    expect(await poll()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect((await runBin('autossl', ['notify', 'list'], built.root)).stdout).toContain('given up');
  });

  test('wait while the settings cannot be read, which is not the poller’s to tell', async () => {
    built.write('/etc/autossl.yaml', 'notices: {smpt: 1}', 0o600);
    await add('told-1');
    expect(await poll()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(readdirSync(built.tree.outbox())).toEqual(['told-1.json']);
  });

  test('whose mail cannot be sent for want of its password stop no program, and go the other ways', async () => {
    const program = built.path('/opt/tell');
    built.write('/opt/tell', `#!/bin/sh\ncat >> ${built.path('/opt/told')}\n`, 0o755);
    const smtp = { host: 'mail.test', user: 'autossl', password: 'file:/etc/autossl/smtp' };
    const settings = { notices: { smtp, command: [program] } };
    built.write('/etc/autossl.yaml', JSON.stringify(settings), 0o600);
    await add('told-1');
    expect(await poll()).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(readFileSync(built.path('/opt/told'), 'utf8')).toContain('"id":"told-1"');
    expect((await runBin('autossl', ['status'], built.root)).exitCode).not.toBe(3);
    const list = await runBin('autossl', ['notify', 'list'], built.root);
    expect(list.stdout).toMatch(/warning: SMTP mail\.test:587 cannot be used: .*there is no such file/);
    expect(list.stdout).toMatch(/root .* mail +waiting +1 /);
    const test = await runBin('autossl', ['notify', 'test'], built.root);
    expect(test.exitCode).toBe(1);
    expect(test.stdout).toMatch(/FAILED {2}SMTP mail\.test:587: .*there is no such file\nok {2}command/);
    const doctor = await runBin('autossl', ['doctor', '--json'], built.root);
    expect(doctor.stdout).toContain('messages by SMTP mail.test:587 wait');
    built.write('/etc/autossl/smtp', 'correct horse\n', 0o644);
    expect((await runBin('autossl', ['notify', 'list'], built.root)).stdout).toContain('open to others');
    const run = await runBin('autossl_check', ['--all'], built.root);
    // It gets as far as in a tree without these settings: the provider is missing.
    expect(run.stdout + run.stderr).not.toMatch(/smtp|secret/i);
  });

  test('are listed by no word but “list”', async () => {
    const { exitCode, stderr } = await runBin('autossl', ['notify', 'bogus'], built.root);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/“?bogus”?/);
    expect(stderr).toMatch(/list.*test/s);
    expect(stderr).not.toContain('too many arguments');
  });

  test('go every way at once in a test, which says what each answered', async () => {
    const receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    mailBy(0, { notices: { webhook: { url: `http://127.0.0.1:${port}/x`, secret: 'a secret of sixteen' } } });
    const { exitCode, stdout } = await runBin(
      'autossl',
      ['notify', 'test', '--to', 'me@example.com'],
      built.root,
    );
    receiver.close();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^ok {2}mail by .*\nFAILED {2}webhook at 127\.0\.0\.1:\d+: it answered with status 500\n$/,
    );
    expect(mails()).toContain('To: me@example.com');
  });

  test('go by SMTP from the built program, too', async () => {
    let talk = '';
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined).write('220 mail.test ESMTP\r\n');
      socket.setEncoding('utf8').on('data', (part: string) => {
        talk += part;
        if (talk.endsWith('\r\n.\r\n')) socket.write('250 OK id=1\r\n');
        else if (part.startsWith('EHLO')) socket.write('250 mail.test\r\n');
        else if (part.startsWith('DATA')) socket.write('354 go on\r\n');
        else if (/^(MAIL|RCPT)/.test(part)) socket.write('250 OK\r\n');
        else if (part.startsWith('QUIT')) socket.end('221 bye\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const notices = { smtp: { host: '127.0.0.1', port, tls: 'none' }, from: 'autossl@host.test' };
    built.write('/etc/autossl.yaml', JSON.stringify({ notices }), 0o600);
    const { exitCode, stdout } = await runBin('autossl', ['notify', 'test'], built.root);
    server.close();
    expect([exitCode, stdout]).toEqual([0, `ok  SMTP 127.0.0.1:${port}: 250 OK id=1\n`]);
    expect(talk).toContain('MAIL FROM:<autossl@host.test>\r\nRCPT TO:<root@host.test>\r\n');
  });

  test.each(['-oQ/tmp/x', 'a@example.com,b@example.com', 'a@example.com\nBcc: b@example.com'])(
    'are not tested with %j',
    async (to) => {
      mailBy(0);
      const { exitCode, stderr } = await runBin('autossl', ['notify', 'test', `--to=${to}`], built.root);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('is neither a mail address nor a user’s name');
      expect(mails()).toBe('');
    },
  );

  test('have no way out of a private tree whose settings name none', async () => {
    expect(await runBin('autossl', ['notify', 'test'], built.root)).toMatchObject({
      ...{ exitCode: 1, stdout: expect.stringContaining('There is no way for messages') },
    });
  });
});
