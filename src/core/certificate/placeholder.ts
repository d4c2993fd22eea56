import type { CertificateFacts } from './facts.js';

/** Organization of the certificates that only let a web server start. */
export const PLACEHOLDER_ORGANIZATION = 'AutoSSL placeholder';

/** Whether it is one that we made because a website had none; its key secures nothing. */
export function isPlaceholder(leaf: Pick<CertificateFacts, 'isSelfSigned' | 'issuerOrganizations'>): boolean {
  return leaf.isSelfSigned && leaf.issuerOrganizations.includes(PLACEHOLDER_ORGANIZATION);
}
