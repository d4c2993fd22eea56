import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../../src/adapters/store/settings/settings.js';
import { aTree } from '../../support/tree-builder.js';

/** The part as it is read. */
async function read(notices: unknown) {
  const built = aTree().file('/etc/secret', 'hush\n', 0o600).settings({ notices }).build();
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
    expect(notices.smtp?.login?.password.reveal()).toBe('hush');
    expect(notices.webhook?.secret.reveal()).toBe('hush');
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
    expect((await read({ smtp: { ...SMTP, ...more } })).smtp?.port).toBe(port);
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
    [{ command: 'tell' }, 'absolute path of a program'],
    [{ command: '/bin/sh -c "a; b" | c' }, 'absolute path of a program'],
    [{ repeat: 'daily' }, 'one of weekly, every-run, never'],
    [{ smpt: SMTP }, 'did you mean “smtp”'],
  ])('refuse %j', async (notices, why) => {
    await expect(read(notices)).rejects.toThrow(why);
  });

  test.each(['http://127.0.0.1:8080/x', 'http://[::1]/x', 'http://localhost/x'])(
    'let a webhook of this server do without TLS: %s',
    async (url) => {
      expect((await read({ webhook: { ...WEBHOOK, url } })).webhook?.url).toBe(url);
    },
  );
});
