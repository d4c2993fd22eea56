import type { NoticeSettings, SmtpSettings } from '../../../runs/ports.js';
import type { Tree } from '../../system/tree.js';
import type { TreeReader } from '../../system/tree-reader.js';
import { MS_PER_SECOND } from './daemon-settings.js';
import type { CheckedSettings } from './settings-schema.js';
import { badSetting, type ReadFile, readSecret } from './written-secret.js';

interface SettingsSource {
  readonly tree: Tree;
  readonly reader: TreeReader;
  readonly path: string;
  readonly file: ReadFile | undefined;
}
type Given = CheckedSettings['notices'];

/** RFC 8314: submission with implicit TLS, RFC 6409: submission; RFC 5321: relaying. */
const PORTS: Readonly<Record<SmtpSettings['tls'], number>> = {
  implicit: 465,
  starttls: 587,
  opportunistic: 25,
  none: 25,
};

/** How messages reach people. @throws ConfigurationError BAD_SETTING, SECRET_EXPOSED */
export function toNotices(source: SettingsSource, given: Given): NoticeSettings {
  return {
    isMailed: given.mail,
    from: given.from ?? null,
    smtp: given.smtp === undefined ? null : toSmtp(source, given.smtp),
    webhook: given.webhook === undefined ? null : toWebhook(source, given.webhook),
    command: given.command ?? null,
    commandTimeoutMs: given.commandTimeoutSeconds * MS_PER_SECOND,
    includesUsers: given.users,
    repeat: given.repeat,
    serviceNames: given.serviceNames,
  };
}

function toWebhook(
  { tree, reader, path, file }: SettingsSource,
  { url, secret, caBundle, timeoutSeconds }: NonNullable<Given['webhook']>,
): NoticeSettings['webhook'] {
  if (url === undefined || secret === undefined) {
    throw badSetting(path, 'notices.webhook needs url, and secret, by which its receiver knows us');
  }
  return {
    url,
    secret: readSecret(tree, reader, path, file, 'notices.webhook.secret', secret),
    caBundle: caBundle === undefined ? null : tree.at(caBundle),
    timeoutMs: timeoutSeconds * MS_PER_SECOND,
  };
}

function toSmtp(
  { tree, reader, path, file }: SettingsSource,
  given: NonNullable<Given['smtp']>,
): SmtpSettings {
  const { host, tls, user, password } = given;
  if (host === undefined) throw badSetting(path, 'notices.smtp needs host, the mail server');
  if ((user === undefined) !== (password === undefined)) {
    throw badSetting(path, 'notices.smtp.user and notices.smtp.password go together');
  }
  if (password !== undefined && tls !== 'starttls' && tls !== 'implicit') {
    throw badSetting(path, `notices.smtp.tls is “${tls}”, by which a password might be sent in clear`);
  }
  return {
    host,
    port: given.port ?? PORTS[tls],
    tls,
    login:
      user === undefined || password === undefined
        ? null
        : { user, password: readSecret(tree, reader, path, file, 'notices.smtp.password', password) },
    caBundle: given.caBundle === undefined ? null : tree.at(given.caBundle),
    timeoutMs: given.timeoutSeconds * MS_PER_SECOND,
  };
}
