import { isWildcard } from '../domain/name/names.js';
import type { NameOffer } from './offer.js';
import { plainPath } from './plain-path.js';

const HEADER =
  '# Written by AutoSSL from the certificates of the websites: whatever is changed here is lost.';

/**
 * The source of Postfix's `tls_server_sni_maps`, for `postmap -F`. Postfix knows no wildcards but names with a dot in front,
 * which stand for everything below. `folder`: where the pairs lie. @throws ConfigurationError UNSAFE_FILE
 */
export function postfixMap(offers: readonly NameOffer[], folder: string): string {
  const lines = offers.map(
    ({ name, pair }) => `${isWildcard(name) ? name.slice(1) : name} ${plainPath(`${folder}/${pair}.pem`)}`,
  );
  return `${[HEADER, ...lines].join('\n')}\n`;
}
