import { UsageError } from '../autossl-error.js';
import { quoteForMessage } from '../name/names.js';

/** The services that have certificates for the server's own name, as the documentation calls them (behaviour section 12). */
export const SERVICE_NAMES = ['cpanel', 'exim', 'dovecot', 'ftp'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Whether the text is one of the documented names. */
export function isServiceName(text: string): text is ServiceName {
  return SERVICE_NAMES.some((name) => name === text);
}

/** Names of former versions, and of daemons, by the service that has them now. */
const FORMER_NAMES: ReadonlyMap<string, ServiceName> = new Map([
  ...['courier', 'courier-imapd', 'courier-pop3d', 'imap', 'imaps', 'pop', 'pop3', 'pop3s'].map(
    (name) => [name, 'dovecot'] as const,
  ),
  ...['smtp', 'smtps', 'exim4', 'postfix'].map((name) => [name, 'exim'] as const),
  ...['ftpd', 'ftps', 'pure-ftpd', 'proftpd', 'vsftpd'].map((name) => [name, 'ftp'] as const),
  ...['cpsrvd', 'cpdavd', 'whm', 'whostmgr', 'webmail', 'webdisk', 'panel'].map(
    (name) => [name, 'cpanel'] as const,
  ),
]);
/** iOS push mail: the legacy interface that took such certificates was ended by Apple. */
const PUSH_NAMES: readonly string[] = ['mail_apns', 'caldav_apns', 'carddav_apns'];

/** One of the documented names; of former ones it is said which to use. @throws UsageError BAD_ARGUMENT */
export function parseServiceName(text: string): ServiceName {
  if (isServiceName(text)) return text;
  const refuse = (message: string, advice: string): never => {
    throw new UsageError('BAD_ARGUMENT', message, { advice });
  };
  const all = `There are: ${SERVICE_NAMES.join(', ')}.`;
  const named = quoteForMessage(text);
  if (PUSH_NAMES.includes(text))
    return refuse(`${named} (iOS push notifications) is no longer supported: Apple ended it`, all);
  const present = FORMER_NAMES.get(text.toLowerCase());
  if (present !== undefined)
    return refuse(`${named} is not the name of a service`, `Use ${present} instead.`);
  return refuse(`there is no service ${named}`, all);
}

/**
 * The service behind the name of a daemon, of a protocol, or of a part of the panel, as callers that restart or ask know it;
 * documented names are themselves. @throws UsageError BAD_ARGUMENT
 */
export function serviceBehind(text: string): ServiceName {
  return FORMER_NAMES.get(text.toLowerCase()) ?? parseServiceName(text);
}
