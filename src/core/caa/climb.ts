import { ipVersion } from '../domain/name/ip-version.js';
import { isWildcard, type WantedName } from '../domain/name/names.js';

/**
 * The names whose CAA records bear on a certificate for the name, in the order in which they are asked for: itself
 * (a wildcard: the domain below which it stands), then each domain above it, to the top-level domain but not the root
 * (RFC 8659 section 3). The first that has records decides. None for an IP address: CAA is of domain names.
 */
export function caaNamesToAsk(name: WantedName): readonly string[] {
  if (ipVersion(name) !== 0) return [];
  const labels = (isWildcard(name) ? name.slice(2) : name).split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}
