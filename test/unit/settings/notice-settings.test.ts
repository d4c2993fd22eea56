import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../../src/adapters/store/settings/settings.js';
import { aTree } from '../../support/tree-builder.js';

const HUSH = 'hush, hush, hush, hush';

/** The part as it is read. */
async function read(notices: unknown) {
  const built = aTree()
    .file('/etc/secret', `${HUSH}\n`, 0o600)
    .file('/etc/open', `${HUSH}\n`, 0o644)
    .file('/etc/short', 'x\n', 0o600)
    .settings({ notices })
    .build();
  try {
    return (await readSettings(built.tree)).notices;
  } finally {
    await built.cleanUp();
  }
}
const WEBHOOK = { url: 'https://hooks.example.com/x/T0P', secret: 'file:/etc/secret' };
const SMTP = { host: 'mail.example.com' };

describe('the settings of notices', () => {
  test('take secrets from files, and show none', async () => {
    const notices = await read({
      smtp: { ...SMTP, user: 'autossl', password: 'file:/etc/secret' },
      webhook: WEBHOOK,
      command: '/usr/local/sbin/tell --all',
      users: true,
    });
    const { smtp, webhook } = notices;
    expect(smtp !== null && 'login' in smtp ? smtp.login?.password.reveal() : '').toBe(HUSH);
    expect(webhook !== null && 'secret' in webhook ? webhook.secret.reveal() : '').toBe(HUSH);
    expect(notices.command).toEqual(['/usr/local/sbin/tell', '--all']);
    expect(inspect(notices, { depth: 9 }) + JSON.stringify(notices)).not.toContain('hush');
  });

  test.each([
    [{}, 587],
    [{ tls: 'implicit' }, 465],
    [{ tls: 'opportunistic' }, 25],
    [{ tls: 'none' }, 25],
    [{ tls: 'none', port: 2525 }, 2525],
  ])('know the port of %j', async (more, port) => {
    expect((await read({ smtp: { ...SMTP, ...more } })).smtp).toMatchObject({ port });
  });

  test.each([
    [{ smtp: {} }, 'notices.smtp needs host'],
    [{ smtp: { ...SMTP, user: 'a' } }, 'go together'],
    [{ smtp: { ...SMTP, user: 'a', password: 'b', tls: 'opportunistic' } }, 'might be sent in clear'],
    [{ smtp: { ...SMTP, user: 'a', password: 'b', tls: 'none' } }, 'might be sent in clear'],
    [{ smtp: { host: '-oQ/tmp' } }, 'notices.smtp.host is “-oQ/tmp”'],
    [{ smtp: { host: 'a b' } }, 'notices.smtp.host'],
    [{ from: 'a@example.com\nBcc: b@example.com' }, 'notices.from'],
    [{ from: '-f@example.com' }, 'notices.from'],
    [{ webhook: { url: WEBHOOK.url } }, 'needs url, and secret'],
    [{ webhook: { ...WEBHOOK, url: 'http://hooks.example.com/x' } }, 'notices.webhook.url is ***'],
    [{ webhook: { ...WEBHOOK, url: 'https://user:pass@hooks.example.com/' } }, 'notices.webhook.url is ***'],
    [{ webhook: { ...WEBHOOK, url: 'file:///etc/passwd' } }, 'notices.webhook.url is ***'],
    [{ webhook: { ...WEBHOOK, secret: 'file:relative' } }, 'absolute path'],
    [{ webhook: { ...WEBHOOK, secret: 'fifteen letters' } }, 'at least 16 characters'],
    [{ smtp: { ...SMTP, user: 'a', password: 'file:relative' } }, 'absolute path'],
    [{ command: 'tell' }, 'absolute path of a program'],
    [{ command: '/bin/sh -c "a; b" | c' }, 'absolute path of a program'],
    [{ repeat: 'daily' }, 'one of weekly, every-run, never'],
    [{ smpt: SMTP }, 'did you mean “smtp”'],
  ])('refuse %j', async (notices, why) => {
    await expect(read(notices)).rejects.toThrow(why);
  });

  test.each([
    ['missing', 'there is no such file'],
    ['open', 'is open to others than its owner'],
  ])('leave a way alone whose secret is %s, and read the rest', async (file, why) => {
    const secret = `file:/etc/${file}`;
    const notices = await read({
      smtp: { ...SMTP, user: 'autossl', password: secret },
      webhook: { ...WEBHOOK, secret },
      command: '/usr/local/sbin/tell',
    });
    expect(notices.smtp).toEqual({
      label: 'SMTP mail.example.com:587',
      fault: expect.stringContaining(why),
    });
    expect(notices.webhook).toEqual({
      label: 'webhook at hooks.example.com',
      fault: expect.stringContaining(why),
    });
    expect(notices.command).toEqual(['/usr/local/sbin/tell']);
  });

  test('leave a webhook alone whose secret is too short in its file', async () => {
    expect((await read({ webhook: { ...WEBHOOK, secret: 'file:/etc/short' } })).webhook).toMatchObject({
      fault: expect.stringContaining('shorter than 16 characters'),
    });
  });

  test.each(['http://127.0.0.1:8080/x', 'http://[::1]/x', 'http://localhost/x'])(
    'let a webhook of this server do without TLS: %s',
    async (url) => {
      expect((await read({ webhook: { ...WEBHOOK, url } })).webhook).toMatchObject({ url });
    },
  );
});
