import * as v from 'valibot';
import { parseDnsName } from '../../../core/domain/name/dns-name.js';
import {
  absolutePath,
  byName,
  choice,
  hook,
  KEYS,
  keys,
  resolver,
  SECRET,
  span,
  text,
} from '../settings/setting-shapes.js';

/* The shape of `dns` in /etc/autossl.yaml; messages as settings-schema.ts says. */

const ZONE = 'the name of a zone';
const dnsName = (expected: string) =>
  v.pipe(
    v.string(expected),
    v.check((value) => parseDnsName(value) !== null, expected),
    v.transform((value) => parseDnsName(value) ?? value),
  );
const zone = dnsName(ZONE);
const ZONES = 'a list of zones';
const zones = v.pipe(v.array(zone, ZONES), v.minLength(1, ZONES));
const ZONES_OR_AUTO = 'a list of zones, or auto';
const auto = v.literal('auto', ZONES_OR_AUTO);
const zonesOrAuto = v.lazy((given) => (Array.isArray(given) ? zones : auto));
const timeoutSeconds = (byDefault: number) => v.optional(span(1, 3600, 'seconds'), byDefault);

const nsupdateKeys = {
  kind: v.literal('nsupdate'),
  server: resolver,
  keyFile: absolutePath,
  zones: zonesOrAuto,
  timeoutSeconds: timeoutSeconds(30),
};
const powerdnsKeys = {
  kind: v.literal('powerdns'),
  url: text('the http:// or https:// address of the server’s API', /^https?:\/\/[^\s\p{Cc}?#@]+$/u),
  apiKey: text(SECRET),
  serverId: v.optional(text('the id of the server', /^[A-Za-z0-9._-]{1,64}$/), 'localhost'),
  zones: v.optional(zonesOrAuto, 'auto'),
  timeoutSeconds: timeoutSeconds(30),
};
const hookKeys = {
  kind: v.literal('hook'),
  style: choice(['autossl', 'lego', 'certbot', 'dehydrated', 'acme.sh'], 'autossl'),
  command: hook,
  cleanupCommand: v.optional(hook),
  acmeSh: v.optional(absolutePath),
  environment: byName(
    text('the name of a variable', /^[A-Za-z_][A-Za-z0-9_]{0,99}$/),
    text(SECRET),
    'a mapping of variables',
  ),
  zones,
  timeoutSeconds: timeoutSeconds(120),
};

const EDITORS = 'a list of editors';
const editor = v.variant(
  'kind',
  [v.strictObject(nsupdateKeys, KEYS), v.strictObject(powerdnsKeys, KEYS), v.strictObject(hookKeys, KEYS)],
  'nsupdate, powerdns or hook',
);

const SERVERS = 'a mapping of name servers to addresses';
const dnsEntries = {
  editors: v.optional(v.array(editor, EDITORS), []),
  authoritative: byName(dnsName('the name of a name server'), resolver, SERVERS),
  delegations: v.optional(v.array(zone, 'a list of domains'), []),
  propagationSeconds: v.optional(span(1, 3600, 'seconds'), 120),
  intervalSeconds: v.optional(span(0.1, 600, 'seconds'), 2),
};

export const dns = v.optional(keys(dnsEntries), {});

/** The keys of `dns`, or of one of its editors. */
export function dnsKeys(name: string | undefined): readonly string[] {
  if (name !== 'editors') return Object.keys(dnsEntries);
  return [...new Set([nsupdateKeys, powerdnsKeys, hookKeys].flatMap((entries) => Object.keys(entries)))];
}
