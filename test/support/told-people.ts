import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MailRig } from './mail-rig.js';
import { aCertificate } from './pki.js';
import { idsOf } from './service-rigs.js';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.js';

export const TOLD_ADMINISTRATOR = 'admin@host.test';
export const WEBHOOK_SECRET = 'a webhook secret of some length';

/** A real mail server and a webhook receiver, for what a server tells people (parts `exim`, `root`). */
export interface ToldPeople {
  /** What the settings of a server name them by. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly webhook: WebhookReceiver;
  /** `RECIPIENT SUBJECT` of each mail that came since the last call, sorted. */
  takeMails(): string[];
  stop(): Promise<void>;
}

export async function startToldPeople(): Promise<ToldPeople> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-told-')));
  chmodSync(folder, 0o755);
  const pem = join(folder, 'pair.pem');
  writeFileSync(pem, aCertificate({ names: ['localhost'] }).combined, { mode: 0o600 });
  chownSync(pem, ...(idsOf('Debian-exim') as [number, number]));
  const mail = new MailRig(folder);
  await mail.configure(pem);
  await mail.start();
  const webhook = await startWebhookReceiver();
  return {
    settings: {
      mail: { to: TOLD_ADMINISTRATOR },
      notices: {
        users: true,
        smtp: { host: '127.0.0.1', port: mail.ports[0]?.port, tls: 'none' },
        webhook: { url: webhook.url, secret: WEBHOOK_SECRET },
      },
    },
    webhook,
    takeMails: () => {
      const mails = mail
        .mails()
        .map((text) => `${headerOf(text, 'Envelope-to')} ${headerOf(text, 'Subject')}`);
      mail.forget();
      return mails.sort();
    },
    stop: async () => {
      await webhook.stop();
      await mail.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function headerOf(text: string, name: string): string {
  const unfolded = text.replace(/\r?\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'mi').exec(unfolded)?.[1] ?? '';
}
