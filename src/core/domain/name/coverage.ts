import { ipVersion } from './ip-version.js';
import { isWildcard, type WantedName } from './names.js';

/** The names that a certificate presents, from its subjectAltName. */
export interface PresentedNames {
  readonly dnsNames: readonly string[];
  /** In the form of `parseIpIdentifier`. */
  readonly ipAddresses: readonly string[];
}

/**
 * Whether the certificate is good for the name (RFC 6125 6.4, RFC 2818 3.1): a wildcard stands for exactly one whole
 * leftmost label and never for a top-level domain's children; a wanted wildcard is covered only by itself; an
 * address only by an iPAddress entry.
 */
export function coversName(presented: PresentedNames, name: WantedName): boolean {
  if (ipVersion(name) !== 0) return presented.ipAddresses.includes(name);
  if (presented.dnsNames.includes(name)) return true;
  if (isWildcard(name)) return false;
  const parent = name.slice(name.indexOf('.') + 1);
  return parent.includes('.') && presented.dnsNames.includes(`*.${parent}`);
}
