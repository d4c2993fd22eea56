import type { CertificateFacts } from './facts.js';

/** organizationName in the subject of a placeholder: what is no certificate for visitors, but lets a web server start. */
export const PLACEHOLDER_ORGANIZATION = 'AutoSSL placeholder';

/** Whether a certificate is one of our own placeholders (design 5.11). */
export function isPlaceholder(leaf: Pick<CertificateFacts, 'isSelfSigned' | 'issuerOrganizations'>): boolean {
  return leaf.isSelfSigned && leaf.issuerOrganizations.includes(PLACEHOLDER_ORGANIZATION);
}
