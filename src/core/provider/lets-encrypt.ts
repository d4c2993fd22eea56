import type { ProviderDescription } from './description.js';

const SECOND_MS = 1000;

/**
 * The module `LetsEncrypt` with the values that `get_autossl_providers` documents for it (behaviour.md section 4); days by
 * the documented renewal point, poll bounds by Boulder's Retry-After of 3 s (protocol C2).
 */
export const LETS_ENCRYPT: ProviderDescription = {
  name: 'LetsEncrypt',
  displayName: 'Let’s Encrypt™',
  kind: 'acme',
  directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory',
  dcvMethods: ['http-01', 'dns-01'],
  deliveryMethod: 'api',
  maxNamesPerCertificate: 100,
  httpMaxRedirects: 10,
  supportsWildcard: true,
  supportsAncestorDcv: false,
  daysToReplace: 29,
  validityPeriodMs: 7_776_000 * SECOND_MS,
  averageDeliveryTimeMs: 5 * SECOND_MS,
  certificatesPerRegisteredDomainPerWeek: 50,
  requiresEab: false,
  caaIdentities: ['letsencrypt.org'],
  issuerOrganizations: ["Let's Encrypt"],
  patienceMs: 60 * SECOND_MS,
  minPollMs: SECOND_MS,
  maxPollMs: 600 * SECOND_MS,
};
