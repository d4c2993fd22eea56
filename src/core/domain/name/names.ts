import { domainToASCII } from 'node:url';
import { UsageError } from '../autossl-error.js';
import { ipVersion } from './ip-version.js';

/** A lower-case A-label host name without trailing dot; made only by `parseDomainName`. */
export type DomainName = string & { readonly __brand: 'DomainName' };
/** `*.` and a DomainName; made only by `parseWildcardName`. */
export type WildcardName = string & { readonly __brand: 'WildcardName' };
/** An IPv4 or IPv6 address (RFC 8738); made only by `parseIpIdentifier`. */
export type IpIdentifier = string & { readonly __brand: 'IpIdentifier' };
/** What a certificate can be asked to cover. */
export type WantedName = DomainName | WildcardName | IpIdentifier;

/** RFC 1035 section 2.3.4, in octets of the presentation form without trailing dot. */
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
/** A name already in its normal form, as nearly all are: nothing that is refused below has it. */
const NORMAL_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** The URL Standard takes a host whose last label is such a number for an IPv4 address. */
const NUMERIC_LABEL = /^(?:[0-9]+|0x[0-9a-f]*)$/;

/**
 * A host name as certificates carry it: lower-case A-labels (IDNs converted), no trailing dot, letters-digits-hyphen
 * labels (RFC 1123 2.1; an underscore is refused, BR 7.1.4.2), at least two labels, not an IP address.
 * @throws UsageError BAD_NAME
 */
export function parseDomainName(text: string): DomainName {
  if (text.length <= MAX_NAME_LENGTH && NORMAL_NAME.test(text)) return text as DomainName;
  const refuse = (why: string): never => {
    throw new UsageError('BAD_NAME', `${quoteForMessage(text)} is not a domain name: ${why}`);
  };
  if (text.length === 0) refuse('it is empty');
  if (text.length > 4 * MAX_NAME_LENGTH) refuse(`it is longer than ${MAX_NAME_LENGTH} characters`);
  const bare = text.endsWith('.') ? text.slice(0, -1) : text;
  if (ipVersion(bare) !== 0) refuse('it is an IP address');
  // domainToASCII strips tabs and newlines and percent-decodes: only plain host characters may reach it.
  if (/[\p{Cc}\s%/\\?#@:[\]<>^|`{}*_]/u.test(bare)) refuse('it has a character that no host name may have');
  const ascii = isPlainAscii(bare) ? bare.toLowerCase() : domainToASCII(bare);
  if (ascii === '') refuse('it is not a valid internationalised name');
  if (ipVersion(ascii) !== 0) refuse('it is an IP address');
  if (ascii.length > MAX_NAME_LENGTH) refuse(`it is longer than ${MAX_NAME_LENGTH} characters`);
  const labels = ascii.split('.');
  if (labels.length < 2) refuse('it has a single label');
  for (const label of labels) {
    if (label === '') refuse('it has an empty label');
    if (label.length > MAX_LABEL_LENGTH) refuse(`a label is longer than ${MAX_LABEL_LENGTH} characters`);
    if (!LABEL.test(label)) refuse('a label has other characters than letters, digits and inner hyphens');
  }
  if (NUMERIC_LABEL.test(labels.at(-1) ?? '')) refuse('its last label is a number');
  return ascii as DomainName;
}

/** `*.` followed by a name that `parseDomainName` takes (RFC 6125 6.4.3: one leftmost label). @throws UsageError BAD_NAME */
export function parseWildcardName(text: string): WildcardName {
  const refuse = (why: string): never => {
    throw new UsageError('BAD_NAME', `${quoteForMessage(text)} is not a wildcard name${why}`);
  };
  if (!text.startsWith('*.')) refuse('');
  const name = `*.${parseDomainName(text.slice(2))}`;
  if (name.length > MAX_NAME_LENGTH) refuse(`: it is longer than ${MAX_NAME_LENGTH} characters`);
  return name as WildcardName;
}

/** The name one label below another (`www`, example.com), or undefined when that is too long. The label must be letters, digits, inner hyphens. */
export function nameBelow(label: string, parent: DomainName): DomainName | undefined {
  const name = `${label}.${parent}`;
  return name.length > MAX_NAME_LENGTH ? undefined : (name as DomainName);
}

/** An IP address in the shortest lower-case form node prints (RFC 5952 for IPv6). @throws UsageError BAD_NAME */
export function parseIpIdentifier(text: string): IpIdentifier {
  if (ipVersion(text) === 0)
    throw new UsageError('BAD_NAME', `${quoteForMessage(text)} is not an IP address`);
  if (ipVersion(text) === 4) return text as IpIdentifier;
  return new URL(`http://[${text}]/`).hostname.slice(1, -1) as IpIdentifier;
}

/** A name or address that a certificate may be for. @throws UsageError BAD_NAME */
export function parseWantedName(text: string): WantedName {
  return ipVersion(text) === 0 ? parseHostName(text) : parseIpIdentifier(text);
}

/** Whether it is an address, which is proved over HTTP alone and has no CAA records (RFC 8738). */
export function isIpIdentifier(name: string): name is IpIdentifier {
  return ipVersion(name) !== 0;
}

/** A domain name or a wildcard name, as a website may be called. @throws UsageError BAD_NAME */
export function parseHostName(text: string): DomainName | WildcardName {
  return text.startsWith('*.') ? parseWildcardName(text) : parseDomainName(text);
}

/** The same of outside text; null for what is no such name. */
export function hostNameIn(text: string): DomainName | WildcardName | null {
  try {
    return parseHostName(text);
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

/** Whether the name is a wildcard. */
export function isWildcard(name: WantedName): name is WildcardName {
  return name.startsWith('*.');
}

/** Outside text made safe for a message: one line, no control or bidirectional characters, at most 100 characters. */
export function quoteForMessage(text: string): string {
  return `“${printable(text.length > 100 ? `${text.slice(0, 100)}…` : text)}”`;
}

/** The text with everything that could steer a terminal or hide its order written as \u{…}. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function isPlainAscii(text: string): boolean {
  return /^[\u0021-\u007e]*$/.test(text);
}
