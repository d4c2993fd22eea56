import * as v from 'valibot';
import { isNetwork } from '../../../core/dcv/address-ranges.js';
import { dns, dnsKeys } from '../dns/dns-settings-schema.js';
import { noticeKeys, notices } from './notice-settings-schema.js';
import { serviceKeys, services } from './service-settings-schema.js';
import {
  absolutePath,
  address,
  byName,
  choice,
  daemonKeys,
  groupName,
  hook,
  KEYS,
  keys,
  mapping,
  recipient,
  resolver,
  SECRET,
  span,
  text,
  wholeNumber,
} from './setting-shapes.js';

/*
 * The shape of /etc/autossl.yaml. Each message says what is expected there, so that “KEY is VALUE, but must be MESSAGE”
 * is a sentence. Limits keep an accident (a deadline of years, a thousand orders at a time) from looking like a setting.
 */

const NETWORK = 'a network such as 10.0.0.0/8 or fd00::/8';
const network = v.pipe(v.string(NETWORK), v.check(isNetwork, NETWORK));

const MAIL_ADDRESS = 'a mail address, or a list of them';
const mailAddress = v.pipe(
  v.string(MAIL_ADDRESS),
  v.transform((value) => value.replace(/^mailto:/i, '')),
  v.regex(/^[^\s@<>,;:"\p{Cc}]+@[^\s@<>,;:"\p{Cc}]+$/u, MAIL_ADDRESS),
);

const providerKeys = {
  directoryUrl: v.optional(text('an https:// address', /^https:\/\/[^\s\p{Cc}]+$/u)),
  caBundle: v.optional(absolutePath),
  eabKeyId: v.optional(text('the key id as the CA gave it')),
  eabHmac: v.optional(text(SECRET)),
};
const provider = keys(providerKeys);

const webServerKeys = {
  kind: choice(['auto', 'nginx', 'apache', 'command', 'none'], 'auto'),
  ...daemonKeys,
};
const WEB_SERVER = `${KEYS}, or a list of them`;
const webServer = v.pipe(mapping(WEB_SERVER), v.strictObject(webServerKeys, WEB_SERVER));
const webServers = v.array(keys(webServerKeys), WEB_SERVER);

const sections = {
  webServer: v.optional(
    v.lazy((given) => (Array.isArray(given) ? webServers : webServer)),
    {},
  ),
  services,
  hooks: v.optional(
    keys({
      preInstall: v.optional(hook),
      postInstall: v.optional(hook),
      rebuildAccount: v.optional(hook),
      timeoutSeconds: v.optional(span(1, 3600, 'seconds'), 60),
    }),
    {},
  ),
  keyGroup: v.optional(groupName),
  placeholders: v.optional(v.boolean('true or false'), true),
  http: v.optional(
    keys({
      port: wholeNumber(1, 65_535, 80),
      httpsPort: wholeNumber(1, 65_535, 443),
      privateNetworks: v.optional(v.array(network, 'a list of networks'), []),
    }),
    {},
  ),
  challenges: v.optional(keys({ method: choice(['shared-folder', 'account-folder'], 'shared-folder') }), {}),
  dns,
  preflight: choice(['gate', 'advise', 'off'], 'gate'),
  caa: choice(['fix', 'report'], 'fix'),
  resolvers: v.optional(v.array(resolver, 'a list of resolvers'), []),
  addressMap: byName(address, address, 'a mapping of public to local addresses'),
  concurrency: v.optional(
    keys({
      orders: wholeNumber(1, 100, 10),
      lookups: wholeNumber(1, 500, 50),
      probes: wholeNumber(1, 500, 50),
    }),
    {},
  ),
  acme: v.optional(
    keys({
      contact: v.optional(
        v.union(
          [
            v.pipe(
              mailAddress,
              v.transform((one) => [one]),
            ),
            v.array(mailAddress),
          ],
          MAIL_ADDRESS,
        ),
        [],
      ),
      accountKeyType: choice(
        ['ecdsa-prime256v1', 'ecdsa-secp384r1', 'rsa-2048', 'ed25519'],
        'ecdsa-prime256v1',
      ),
      timeoutSeconds: v.optional(span(1, 600, 'seconds'), 30),
      preferredChain: v.optional(text('the common name of an issuer')),
    }),
    {},
  ),
  mail: v.optional(
    keys({
      to: v.optional(recipient, 'root'),
      sendmail: v.optional(absolutePath),
    }),
    {},
  ),
  notices,
  providers: byName(
    text('a provider name', /^[A-Za-z][A-Za-z0-9_-]{0,63}$/),
    provider,
    'a mapping of provider names',
  ),
  limits: v.optional(keys({ newOrdersPer3Hours: wholeNumber(1, 100_000, 150) }), {}),
  run: v.optional(
    keys({
      deadlineHours: v.optional(span(0.01, 168, 'hours'), 20),
      intervalHours: v.optional(span(0, 168, 'hours'), 24),
      patienceSeconds: v.optional(span(0, 86_400, 'seconds')),
      outageMinutes: v.optional(span(0, 10_080, 'minutes'), 60),
    }),
    {},
  ),
  trustAnchors: v.optional(absolutePath),
  reuseKey: v.optional(v.boolean('true or false'), false),
  wildcardReduction: v.optional(v.boolean('true or false'), true),
  revocation: choice(['crl', 'crl-anywhere', 'off'], 'crl'),
};

const settingsSchema = keys(sections);

/** The file's contents with the defaults filled in, still in the file's own units. */
export type CheckedSettings = v.InferOutput<typeof settingsSchema>;

/** One thing wrong with the file. */
export interface SettingIssue {
  readonly path: readonly string[];
  /** What must stand there; null for a key that does not exist. */
  readonly expected: string | null;
  /** For an unknown key: those that exist in its place. */
  readonly knownKeys: readonly string[];
  readonly value: unknown;
}

/** The settings that the value holds, or all that is wrong with it. */
export function checkSettings(value: unknown): CheckedSettings | readonly SettingIssue[] {
  const result = v.safeParse(settingsSchema, value);
  if (result.success) return result.output;
  return result.issues.map((issue): SettingIssue => {
    const path = (issue.path ?? []).map(({ key }) => String(key));
    const isUnknownKey = issue.type === 'strict_object' && issue.expected === 'never';
    return {
      path,
      expected: isUnknownKey ? null : issue.message,
      knownKeys: isUnknownKey ? keysAt(path.slice(0, -1)) : [],
      value: issue.input,
    };
  });
}

function keysAt([section, name, , item]: readonly string[]): readonly string[] {
  if (section === undefined) return Object.keys(sections);
  if (section === 'services') return serviceKeys(name, item !== undefined);
  if (section === 'providers') return Object.keys(providerKeys);
  if (section === 'dns') return dnsKeys(name);
  if (section === 'notices') return noticeKeys(name);
  if (section === 'webServer') return Object.keys(webServerKeys);
  const given: unknown = Object.entries(sections).find(([name]) => name === section)?.[1].wrapped;
  const shape = hasPipe(given) ? given.pipe.at(-1) : undefined;
  return hasEntries(shape) ? Object.keys(shape.entries) : [];
}

function hasPipe(schema: unknown): schema is { readonly pipe: readonly unknown[] } {
  return typeof schema === 'object' && schema !== null && 'pipe' in schema && Array.isArray(schema.pipe);
}

function hasEntries(schema: unknown): schema is { readonly entries: object } {
  return (
    typeof schema === 'object' && schema !== null && 'entries' in schema && schema.entries instanceof Object
  );
}
