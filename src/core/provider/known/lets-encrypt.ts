import { LETS_ENCRYPT_LIMITS, LETS_ENCRYPT_STAGING_LIMITS } from '../../order/limits/published-limits.js';
import type { ProviderDescription } from '../description.js';
import { ACME_DEFAULTS } from './acme-defaults.js';

const SECOND_MS = 1000;

/**
 * The module `LetsEncrypt` with the values that `get_autossl_providers` documents for it (behaviour.md section 4); days by
 * the documented renewal point, poll bounds by Boulder's Retry-After of 3 s (protocol C2).
 */
export const LETS_ENCRYPT: ProviderDescription = {
  ...ACME_DEFAULTS,
  name: 'LetsEncrypt',
  displayName: 'Let’s Encrypt™',
  directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory',
  averageDeliveryTimeMs: 5 * SECOND_MS,
  certificatesPerRegisteredDomainPerWeek: 50,
  limits: LETS_ENCRYPT_LIMITS,
  hasRenewalInfo: true,
  profiles: ['classic', 'shortlived', 'tlsserver'],
  caaIdentities: ['letsencrypt.org'],
  issuerOrganizations: ["Let's Encrypt"],
  isKnownByIssuer: true,
};

/** Its staging environment: the same rules, far higher limits, certificates that no visitor trusts. */
export const LETS_ENCRYPT_STAGING: ProviderDescription = {
  ...LETS_ENCRYPT,
  name: 'LetsEncryptStaging',
  displayName: 'Let’s Encrypt™ (staging)',
  directoryUrl: 'https://acme-staging-v02.api.letsencrypt.org/directory',
  certificatesPerRegisteredDomainPerWeek: 30_000,
  limits: LETS_ENCRYPT_STAGING_LIMITS,
  issuerOrganizations: ["(STAGING) Let's Encrypt"],
  isForRehearsals: true,
  note: 'For rehearsals only: no visitor trusts its certificates.',
};
