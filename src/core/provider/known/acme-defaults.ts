import { NO_PUBLISHED_LIMITS } from '../../order/limits/published-limits.js';
import type { ProviderDescription } from '../description.js';

const SECOND_MS = 1000;

/** Life of a certificate where a CA documents 90 days. */
export const NINETY_DAYS_MS = 7_776_000 * SECOND_MS;

/**
 * What is assumed of an ACME CA that says nothing else, because nearly every public one takes it (protocol C4): 100 names,
 * redirects (RFC 8555 8.3; 10 as Let's Encrypt), no ancestor validation. Some answer `processing` with a Retry-After of a
 * day although the certificate is ready in minutes: hence the low clamp.
 */
export const ACME_DEFAULTS: Omit<ProviderDescription, 'name' | 'displayName' | 'directoryUrl'> = {
  kind: 'acme',
  takesDirectory: false,
  dcvMethods: ['http-01', 'dns-01'],
  deliveryMethod: 'api',
  maxNamesPerCertificate: 100,
  httpMaxRedirects: 10,
  supportsWildcard: true,
  supportsAncestorDcv: false,
  daysToReplace: 29,
  validityPeriodMs: NINETY_DAYS_MS,
  averageDeliveryTimeMs: null,
  certificatesPerRegisteredDomainPerWeek: null,
  limits: NO_PUBLISHED_LIMITS,
  requiresEab: false,
  hasRenewalInfo: null,
  profiles: [],
  termsOfServiceUrl: null,
  caaIdentities: [],
  issuerOrganizations: [],
  isKnownByIssuer: false,
  patienceMs: 60 * SECOND_MS,
  minPollMs: SECOND_MS,
  maxPollMs: 600 * SECOND_MS,
  properties: {},
  isForRehearsals: false,
  note: null,
};
