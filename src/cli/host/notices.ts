import { CommandChannel } from '../../adapters/notify/command.js';
import { FileOutbox } from '../../adapters/notify/outbox/outbox.js';
import { SendmailChannel, USUAL_SENDMAIL } from '../../adapters/notify/sendmail.js';
import { SmtpChannel } from '../../adapters/notify/smtp.js';
import { UnusableChannel } from '../../adapters/notify/unusable.js';
import { WebhookChannel } from '../../adapters/notify/webhook.js';
import { systemClock } from '../../adapters/system/clock.js';
import { readHostName } from '../../adapters/system/host-name.js';
import { FileLockKeeper } from '../../adapters/system/locks/locks.js';
import type { NoticeAudience } from '../../core/domain/notice-level.js';
import type { DeliveryHost } from '../../runs/notice/deliver-messages.js';
import type { NoticeChannel } from '../../runs/ports/messages.js';
import type { NoticeSettings, UnusableWay } from '../../runs/ports/settings.js';
import { type Base, openBase } from './base.js';

const EVERYBODY: readonly NoticeAudience[] = ['administrator', 'user'];
const ADMINISTRATORS: readonly NoticeAudience[] = ['administrator'];

/** What delivers messages: the outbox and the channels of the settings. */
export async function openDelivery(base: Base): Promise<DeliveryHost> {
  const { tree } = base;
  return {
    queue: new FileOutbox(tree, systemClock),
    channels: await openChannels(base),
    locks: new FileLockKeeper(tree),
    clock: systemClock,
  };
}

/** The same, with its settings read; `to`: whom the administrator's messages reach. @throws ConfigurationError */
export async function openNotices(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<DeliveryHost & { readonly queue: FileOutbox; readonly to: string }> {
  const base = await openBase(environment, uid);
  const host = await openDelivery(base);
  return { ...host, queue: new FileOutbox(base.tree, systemClock), to: base.settings.mail.to };
}

async function openChannels(base: Base): Promise<readonly NoticeChannel[]> {
  const { webhook, command, commandTimeoutMs, includesUsers } = base.settings.notices;
  const audiences = includesUsers ? EVERYBODY : ADMINISTRATORS;
  return [
    ...(await openMail(base)),
    ...openWebhook(webhook, audiences),
    ...(command === null ? [] : [new CommandChannel({ command, audiences, timeoutMs: commandTimeoutMs })]),
  ];
}

/** Ways that the settings name and that cannot be gone now. */
export function unusableWays({ isMailed, smtp, webhook }: NoticeSettings): readonly UnusableWay[] {
  return [isMailed ? smtp : null, webhook].flatMap((way) => (way !== null && 'fault' in way ? [way] : []));
}

function openWebhook(
  webhook: NoticeSettings['webhook'],
  audiences: readonly NoticeAudience[],
): readonly NoticeChannel[] {
  if (webhook === null) return [];
  if ('fault' in webhook) return [new UnusableChannel('webhook', webhook, audiences)];
  return [new WebhookChannel({ ...webhook, audiences }, systemClock)];
}

/** A private tree mails nobody, unless its settings say by what. */
async function openMail({ tree, settings }: Base): Promise<readonly NoticeChannel[]> {
  const { isMailed, from, smtp } = settings.notices;
  if (!isMailed) return [];
  if (smtp !== null && 'fault' in smtp) return [new UnusableChannel('mail', smtp, EVERYBODY)];
  const hostname = await readHostName(tree);
  if (smtp !== null) return [new SmtpChannel({ ...smtp, from, hostname })];
  const program = settings.mail.sendmail ?? (tree.isPrivate ? null : USUAL_SENDMAIL);
  return program === null ? [] : [new SendmailChannel({ program, from, hostname: hostname || 'localhost' })];
}
