import * as v from 'valibot';
import { absolutePath, choice, hook, keys, port, recipient, SECRET, span, text } from './setting-shapes.js';
import { LEAST_WEBHOOK_SECRET } from './written-secret.js';

/* The part `notices` of /etc/autossl.yaml: how messages reach people. */

const URL_EXPECTED =
  'an https:// address, or an http:// one of this server itself (127.0.0.1, [::1], localhost)';
const webhookUrl = v.pipe(v.string(URL_EXPECTED), v.check(isWebhookUrl, URL_EXPECTED));

const WEBHOOK_SECRET = `${SECRET}, of at least ${LEAST_WEBHOOK_SECRET} characters`;

const smtpKeys = {
  host: v.optional(text('a host name or an IP address', /^[A-Za-z0-9:][A-Za-z0-9._:-]{0,252}$/)),
  port: v.optional(port),
  tls: choice(['starttls', 'implicit', 'opportunistic', 'none'], 'starttls'),
  user: v.optional(text('the user name that the mail server knows')),
  password: v.optional(text(SECRET)),
  caBundle: v.optional(absolutePath),
  timeoutSeconds: v.optional(span(1, 600, 'seconds'), 60),
};
const webhookKeys = {
  url: v.optional(webhookUrl),
  secret: v.optional(v.pipe(text(SECRET), v.check(isLongEnough, WEBHOOK_SECRET))),
  caBundle: v.optional(absolutePath),
  timeoutSeconds: v.optional(span(1, 600, 'seconds'), 30),
};
const noticesKeys = {
  mail: v.optional(v.boolean('true or false'), true),
  from: v.optional(recipient),
  smtp: v.optional(keys(smtpKeys)),
  webhook: v.optional(keys(webhookKeys)),
  command: v.optional(hook),
  commandTimeoutSeconds: v.optional(span(1, 600, 'seconds'), 30),
  users: v.optional(v.boolean('true or false'), false),
  repeat: choice(['weekly', 'every-run', 'never'], 'weekly'),
  serviceNames: v.optional(v.boolean('true or false'), false),
};

export const notices = v.optional(keys(noticesKeys), {});

/** The keys below `notices`: of all, of its mail server, of its webhook. */
export function noticeKeys(name: string | undefined): readonly string[] {
  if (name === 'smtp') return Object.keys(smtpKeys);
  return Object.keys(name === 'webhook' ? webhookKeys : noticesKeys);
}

/** What a file holds is looked at when it is read. */
function isLongEnough(secret: string): boolean {
  return secret.startsWith('file:') || secret.length >= LEAST_WEBHOOK_SECRET;
}

/** What is signed is not secret by that: on a network it is encrypted. */
function isWebhookUrl(given: string): boolean {
  if (/[\s\p{Cc}]/u.test(given) || !URL.canParse(given)) return false;
  const { protocol, hostname, username, password } = new URL(given);
  if (username !== '' || password !== '') return false;
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
  );
}
