import type { CertificateFacts } from '../../certificate/facts.js';
import { coversName } from '../../domain/name/coverage.js';
import { type DomainName, hostNameIn, isWildcard, nameBelow } from '../../domain/name/names.js';

/** How the certificate of a service and the name that people are sent to fit together (behaviour section 9.4). */
export type DomainMatch =
  | 'exact'
  | 'exact-wildcard'
  | 'mail-wildcard'
  | 'www-wildcard'
  | 'localdomain_on_cert'
  | 'localdomain_on_cert-mail-wildcard'
  | 'localdomain_on_cert-www-wildcard'
  | 'none';

/** By which name people should reach a service. */
export interface BestDomain {
  readonly domain: string;
  readonly match: DomainMatch;
}

type Names = Pick<CertificateFacts, 'dnsNames' | 'ipAddresses'>;

/**
 * The name by which people reach a service without a warning: the server's hostname where its certificate is good for that,
 * else a name below it, else the first name of the certificate that a website here has (`isLocal`), else the hostname all the
 * same. `leaf`: null without a certificate.
 */
export function bestDomainFor(
  hostname: string,
  leaf: Names | null,
  isLocal: (name: string) => boolean,
): BestDomain {
  const none = { domain: hostname, match: 'none' } as const;
  if (leaf === null) return none;
  const own = hostNameIn(hostname);
  if (own !== null && !isWildcard(own)) {
    if (leaf.dnsNames.includes(own)) return { domain: own, match: 'exact' };
    if (coversName(leaf, own)) return { domain: own, match: 'exact-wildcard' };
    const below = wildcardBelow(own, leaf);
    if (below !== null) return { domain: below.domain, match: `${below.label}-wildcard` };
  }
  for (const text of leaf.dnsNames) {
    const name = hostNameIn(text.replace(/^\*\./, ''));
    if (name === null || isWildcard(name) || !isLocal(name)) continue;
    if (leaf.dnsNames.includes(name)) return { domain: name, match: 'localdomain_on_cert' };
    const below = wildcardBelow(name, leaf);
    if (below !== null) return { domain: below.domain, match: `localdomain_on_cert-${below.label}-wildcard` };
  }
  return none;
}

/** `mail.` or `www.` of a name, where the certificate's wildcard is good for it. */
function wildcardBelow(
  name: DomainName,
  leaf: Names,
): { readonly domain: string; readonly label: 'mail' | 'www' } | null {
  for (const label of ['mail', 'www'] as const) {
    const domain = nameBelow(label, name);
    if (domain !== undefined && coversName(leaf, domain)) return { domain, label };
  }
  return null;
}
