import type { CertificateFacts } from '../certificate/facts.js';
import type { EvaluationPolicy } from './policy.js';

/** Leaves of cPanel's own provider: a server that moved here keeps renewing them (design 5.4). */
const CPANEL_ORGANIZATION = 'cPanel, Inc.';

/**
 * Whose a certificate is (design 5.4): ours when it is recorded as issued, or when it is domain-validated and a built-in
 * provider (or cPanel's) knows the issuer's organization as its own. OV and EV are never ours unless recorded.
 */
export function ownershipOf(
  leaf: CertificateFacts,
  policy: Pick<EvaluationPolicy, 'isRecordedAsOurs' | 'issuerOrganizations'>,
): 'ours' | 'foreign' {
  if (policy.isRecordedAsOurs(leaf.fingerprint)) return 'ours';
  if (leaf.validationLevel !== 'DV') return 'foreign';
  const isKnown = leaf.issuerOrganizations.some(
    (name) => name === CPANEL_ORGANIZATION || policy.issuerOrganizations.includes(name),
  );
  return isKnown ? 'ours' : 'foreign';
}
