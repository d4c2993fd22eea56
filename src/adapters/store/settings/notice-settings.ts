import { ConfigurationError } from '../../../core/domain/autossl-error.js';
import { printable } from '../../../core/domain/name/names.js';
import type { Secret } from '../../../core/domain/secret.js';
import type { NoticeSettings, SmtpSettings, UnusableWay } from '../../../runs/ports/settings.js';
import type { Tree } from '../../system/tree.js';
import type { TreeReader } from '../../system/tree-reader.js';
import { MS_PER_SECOND } from './daemon-settings.js';
import type { CheckedSettings } from './settings-schema.js';
import {
  assertSecretReference,
  badSetting,
  LEAST_WEBHOOK_SECRET,
  type ReadFile,
  readSecret,
} from './written-secret.js';

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

/**
 * How messages reach people. A secret that is not there, or open to others, is that way's fault alone: no run depends on what
 * people are told. @throws ConfigurationError BAD_SETTING
 */
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
  const key = 'notices.webhook.secret';
  assertSecretReference(path, key, secret);
  const read = secretOr(`webhook at ${printable(new URL(url).host)}`, () => {
    const found = readSecret(tree, reader, path, file, key, secret);
    if (found.reveal().length >= LEAST_WEBHOOK_SECRET) return found;
    throw badSetting(path, `${key} is shorter than ${LEAST_WEBHOOK_SECRET} characters`);
  });
  if ('fault' in read) return read;
  return {
    url,
    secret: read,
    caBundle: caBundle === undefined ? null : tree.at(caBundle),
    timeoutMs: timeoutSeconds * MS_PER_SECOND,
  };
}

function toSmtp(
  { tree, reader, path, file }: SettingsSource,
  given: NonNullable<Given['smtp']>,
): SmtpSettings | UnusableWay {
  const { host, tls, user, password } = given;
  if (host === undefined) throw badSetting(path, 'notices.smtp needs host, the mail server');
  if ((user === undefined) !== (password === undefined)) {
    throw badSetting(path, 'notices.smtp.user and notices.smtp.password go together');
  }
  if (password !== undefined && tls !== 'starttls' && tls !== 'implicit') {
    throw badSetting(path, `notices.smtp.tls is “${tls}”, by which a password might be sent in clear`);
  }
  const port = given.port ?? PORTS[tls];
  let login: SmtpSettings['login'] = null;
  if (user !== undefined && password !== undefined) {
    const key = 'notices.smtp.password';
    assertSecretReference(path, key, password);
    const read = secretOr(`SMTP ${printable(host)}:${port}`, () =>
      readSecret(tree, reader, path, file, key, password),
    );
    if ('fault' in read) return read;
    login = { user, password: read };
  }
  return {
    host,
    port,
    tls,
    login,
    caBundle: given.caBundle === undefined ? null : tree.at(given.caBundle),
    timeoutMs: given.timeoutSeconds * MS_PER_SECOND,
  };
}

function secretOr(label: string, read: () => Secret): Secret | UnusableWay {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { label, fault: error.message };
  }
}
