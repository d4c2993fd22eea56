import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SendmailChannel } from '../../../src/adapters/notify/sendmail.js';
import { SmtpChannel, type SmtpChannelSettings } from '../../../src/adapters/notify/smtp.js';
import { Secret } from '../../../src/core/domain/secret.js';
import type { OutgoingMessage } from '../../../src/core/notice/outgoing-message.js';
import { MAIL_LOGIN, MailRig } from '../../support/mail-rig.js';
import { describeWithParts } from '../../support/needs.js';
import { aMessage } from '../../support/outgoing-message.js';
import { aCertificate, anIntermediate, aRoot } from '../../support/pki.js';
import { freePort } from '../../support/ports.js';
import { idsOf } from '../../support/service-rigs.js';

const ARRIVAL_PATIENCE_MS = 60_000;

describeWithParts('a real mail server', ['exim', 'root'], () => {
  let folder: string;
  let rig: MailRig;
  const at = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-exim-')));
    chmodSync(folder, 0o755);
    const year = new Date().getUTCFullYear();
    const issuer = anIntermediate({ issuer: aRoot() });
    const span = { notBefore: `${year - 1}-01-01T00:00:00Z`, notAfter: `${year + 2}-01-01T00:00:00Z` };
    const { combined } = aCertificate({ names: ['localhost'], issuer, ...span });
    writeFileSync(at('pair.pem'), combined, { mode: 0o600 });
    chownSync(at('pair.pem'), ...(idsOf('Debian-exim') as [number, number]));
    writeFileSync(at('root.pem'), aRoot().certPem);
    writeFileSync(at('other.pem'), aRoot({ name: 'Somebody else' }).certPem);
    rig = new MailRig(folder);
    await rig.configure(at('pair.pem'));
    await rig.start();
  });
  afterAll(async () => {
    await rig.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function send(more: Partial<SmtpChannelSettings>, message: Partial<OutgoingMessage> = {}) {
    const channel = new SmtpChannel({
      ...{ host: 'localhost', port: rig.ports[0]?.port ?? 0, tls: 'starttls', login: null },
      ...{ caBundle: at('root.pem'), timeoutMs: 20_000, from: null, hostname: 'host.test', ...more },
    });
    const answer = await channel.deliver(aMessage(message), new AbortController().signal);
    await channel.close();
    return answer;
  }
  /** The mail with this id, once it lies there. */
  async function arrived(id: string): Promise<string> {
    const deadline = Date.now() + ARRIVAL_PATIENCE_MS;
    for (;;) {
      const mail = rig.mails().find((one) => one.includes(`<${id}@`));
      if (mail !== undefined || Date.now() > deadline) return mail ?? '';
      await pause(50);
    }
  }
  const login = { user: MAIL_LOGIN.user, password: new Secret(MAIL_LOGIN.password) };

  test.each([
    ['starttls', 0],
    ['implicit', 1],
    ['opportunistic', 0],
    ['none', 0],
  ] as const)('takes a mail with both of its bodies (%s)', async (tls, index) => {
    const id = `told-${tls}`;
    const html = '<p>100 % of <b>example.com</b> – ümlaut</p>\n';
    const answer = await send({ tls, port: rig.ports[index]?.port ?? 0 }, { id, html });
    expect(answer).toEqual({ outcome: 'delivered', said: expect.stringMatching(/^250 /) });
    const mail = await arrived(id);
    expect(mail).toContain('Return-path: <root@host.test>');
    expect(mail).toContain('Envelope-to: root@host.test');
    expect(mail).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(mail).toContain('=E2=80=93 =C3=BCmlaut');
    expect(/with (esmtps?)/.exec(mail)?.[1]).toBe(tls === 'none' ? 'esmtp' : 'esmtps');
  });

  test('whose certificate nobody vouches for gets nothing, unless TLS is only tried', async () => {
    const stranger = { caBundle: at('other.pem') };
    for (const tls of ['starttls', 'implicit'] as const) {
      const port = rig.ports[tls === 'implicit' ? 1 : 0]?.port ?? 0;
      expect(await send({ ...stranger, tls, port, login }, { id: 'told-nobody' })).toMatchObject({
        ...{ outcome: 'refused', isPermanent: false, isChannelDown: true },
        why: expect.stringMatching(/certificate/),
      });
    }
    expect(await send({ ...stranger, tls: 'opportunistic' })).toMatchObject({ outcome: 'delivered' });
  });

  test('lets in who knows the password', async () => {
    expect(await send({ login }, { id: 'told-in', to: 'login@example.com' })).toMatchObject({
      outcome: 'delivered',
    });
    expect(await send({}, { to: 'login@example.com' })).toMatchObject({ isPermanent: true });
  });

  test('that refuses the password is a channel that is down, and nobody reads the password', async () => {
    const answer = await send({ login: { ...login, password: new Secret('hunter2') } });
    expect(answer).toMatchObject({ outcome: 'refused', isPermanent: false, isChannelDown: true });
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|aHVudGVyMg/);
  });

  test('that knows no such recipient has the last word', async () => {
    expect(await send({}, { to: 'refused@example.com' })).toMatchObject({
      ...{ outcome: 'refused', isPermanent: true, isChannelDown: false },
      why: expect.stringContaining('no such user here'),
    });
  });

  test('that has no time is asked again', async () => {
    expect(await send({}, { to: 'later@example.com' })).toMatchObject({
      ...{ outcome: 'refused', isPermanent: false, isChannelDown: false, mayHaveArrived: false },
      why: expect.stringContaining('try again later'),
    });
  });

  test('that is slow is left, and has nothing', async () => {
    expect(await send({ timeoutMs: 1_500 }, { id: 'told-slow', to: 'slow@example.com' })).toMatchObject({
      ...{ outcome: 'refused', isPermanent: false, isChannelDown: true, mayHaveArrived: false },
      why: 'it does not answer in time',
    });
  });

  test('that is not there is a value', async () => {
    expect(await send({ port: await freePort() })).toMatchObject({
      ...{ outcome: 'refused', isChannelDown: true, mayHaveArrived: false },
      why: 'the connection is refused',
    });
  });

  test('is asked for many mails over one connection, and a refused one between them costs none', async () => {
    const channel = new SmtpChannel({
      ...{ host: 'localhost', port: rig.ports[0]?.port ?? 0, tls: 'starttls', login: null },
      ...{ caBundle: at('root.pem'), timeoutMs: 20_000, from: 'a@b.test', hostname: 'host.test' },
    });
    const { signal } = new AbortController();
    const outcomes: string[] = [];
    for (const to of ['one', 'two', 'refuse', 'three']) {
      const { outcome } = await channel.deliver(aMessage({ id: `told-many-${to}`, to }), signal);
      outcomes.push(outcome);
    }
    await channel.close();
    expect(outcomes).toEqual(['delivered', 'delivered', 'refused', 'delivered']);
    for (const to of ['one', 'two', 'three'])
      expect(await arrived(`told-many-${to}`)).toContain(`${to}@host.test`);
  });

  test('gets by its own sendmail what hostile text tried to steer, as text for one recipient', async () => {
    const hostile = 'x\r\nBcc: everybody@example.com\r\nTo: x@example.com\r\n\r\n.\r\n';
    const program = rig.writeSendmail();
    const channel = new SendmailChannel({ program, from: null, hostname: 'host.test' });
    const message = {
      id: 'told-sendmail',
      to: 'alice@example.com',
      subject: hostile,
      text: hostile,
      html: hostile,
    };
    expect(await channel.deliver(aMessage(message), new AbortController().signal)).toMatchObject({
      outcome: 'delivered',
    });
    const mail = await arrived('told-sendmail');
    expect(mail.match(/^Envelope-to: .*$/gm)).toEqual(['Envelope-to: alice@example.com']);
    expect(readFileSync(join(rig.folder, 'words'), 'utf8')).toBe('-t\n-oi\n');
    expect(rig.mails().some((one) => one.includes('Envelope-to: everybody'))).toBe(false);
  });
});
