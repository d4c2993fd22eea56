import { UsageError } from '../autossl-error.js';
import { ipVersion } from './ip-version.js';
import { type DomainName, parseDomainName, quoteForMessage } from './names.js';

/** What this machine calls itself, and whether certificate authorities can be asked for it. */
export type HostnameVerdict =
  | { readonly isUsable: true; readonly name: DomainName }
  | {
      readonly isUsable: false;
      readonly code: HostnameCode;
      /** One printable sentence, with what to do. */
      readonly message: string;
    };
export type HostnameCode =
  | 'HOSTNAME_EMPTY'
  | 'HOSTNAME_IS_ADDRESS'
  | 'HOSTNAME_NOT_QUALIFIED'
  | 'HOSTNAME_INVALID'
  | 'HOSTNAME_LOCAL'
  | 'HOSTNAME_PRIVATE';

/** Never in the DNS that anybody asks: RFC 6761, RFC 6762, RFC 7686. */
const LOCAL_DOMAINS = ['local', 'localdomain', 'localhost', 'invalid', 'onion'] as const;
/** For networks of one's own: RFC 6761, RFC 6762 appendix G, RFC 8375, ICANN's reservation of `internal`. */
const PRIVATE_DOMAINS = [
  'internal',
  'home.arpa',
  'lan',
  'home',
  'corp',
  'intranet',
  'private',
  'test',
  'example',
] as const;
/** Stands for a hostname that no certificate can name. */
const NAMELESS = 'localhost.localdomain';

/**
 * Whether the hostname is one that a certificate can be had for: fully qualified, no address, under no domain that is local
 * to a machine or, where the authority is a public one, private to a network.
 */
export function judgeHostname(text: string, authority: { readonly isPublic: boolean }): HostnameVerdict {
  const named = quoteForMessage(text);
  const refuse = (code: HostnameCode, why: string): HostnameVerdict => ({
    isUsable: false,
    code,
    message: `The hostname ${named} ${why}, so no certificate can be had for it; give this server a name such as server.example.com.`,
  });
  if (text.trim() === '')
    return {
      isUsable: false,
      code: 'HOSTNAME_EMPTY',
      message: 'This server has no hostname; give it a name such as server.example.com.',
    };
  if (ipVersion(text) !== 0) return refuse('HOSTNAME_IS_ADDRESS', 'is an address');
  if (!text.replace(/\.$/, '').includes('.'))
    return refuse('HOSTNAME_NOT_QUALIFIED', 'is a single label and not fully qualified');
  const name = domainNameIn(text);
  if (name === undefined) return refuse('HOSTNAME_INVALID', 'is not a valid domain name');
  const local = LOCAL_DOMAINS.find((domain) => name.endsWith(`.${domain}`));
  if (local !== undefined) return refuse('HOSTNAME_LOCAL', `is under .${local}, which no DNS has`);
  const own = PRIVATE_DOMAINS.find((domain) => name.endsWith(`.${domain}`));
  if (own !== undefined && authority.isPublic)
    return refuse('HOSTNAME_PRIVATE', `is under .${own}, which is reserved for private networks`);
  return { isUsable: true, name };
}

/** A name for self-signed certificates and records, whatever this machine calls itself. */
export function placeholderNameOf(text: string): DomainName {
  const full = text.includes('.') ? text : `${text}.localdomain`;
  return domainNameIn(full) ?? parseDomainName(NAMELESS);
}

function domainNameIn(text: string): DomainName | undefined {
  try {
    return parseDomainName(text);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
