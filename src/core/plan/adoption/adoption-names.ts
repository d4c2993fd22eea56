import { UsageError } from '../../domain/autossl-error.js';
import { ipVersion } from '../../domain/name/ip-version.js';
import { type DomainName, parseDomainName } from '../../domain/name/names.js';

/** A name of a server's site, as a website could have it; `why` is one printable clause. */
export type JudgedServerName = { readonly name: DomainName } | { readonly why: string };

/** RFC 6761, and what distributions write into /etc/hosts: nobody's but this machine's. */
const OWN_SUFFIX = /(?:^|\.)(?:localhost|localdomain)$/;

/** Which of a site's names (as `ServerSite.names` has them) a certificate can be had for, proved over HTTP. Never throws. */
export function judgeServerName(text: string): JudgedServerName {
  if (text.startsWith('~')) {
    return { why: 'it is a regular expression: add the names that it stands for by “autossl website add”' };
  }
  if (text.startsWith('*.') && !/[*?]/.test(text.slice(2))) {
    return { why: 'a wildcard is proved over DNS only, which is not done yet: add its names one by one' };
  }
  if (/[*?]/.test(text)) {
    return { why: 'it is a pattern: add the names that it stands for by “autossl website add”' };
  }
  if (ipVersion(text.replace(/^\[|\]$/g, '')) !== 0) return { why: 'it is an IP address' };
  if (OWN_SUFFIX.test(text) || !text.includes('.')) return { why: 'it is no public name' };
  try {
    return { name: parseDomainName(text) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { why: error.message };
  }
}
