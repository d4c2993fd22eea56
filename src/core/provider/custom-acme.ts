import type { ProviderDescription } from './description.js';

const SECOND_MS = 1000;

/**
 * Any other ACME CA, by the directory that the administrator names. What its directory does not tell is set to what
 * nearly every public CA takes (protocol C4): 100 names, 90 days, no ancestor validation. Some answer `processing` with
 * a Retry-After of a day although the certificate is ready in minutes: hence the low clamp.
 */
export const CUSTOM_ACME: ProviderDescription = {
  name: 'CustomACME',
  displayName: 'Custom ACME',
  kind: 'acme',
  directoryUrl: null,
  dcvMethods: ['http-01', 'dns-01'],
  deliveryMethod: 'api',
  maxNamesPerCertificate: 100,
  httpMaxRedirects: 10,
  supportsWildcard: true,
  supportsAncestorDcv: false,
  daysToReplace: 29,
  validityPeriodMs: 7_776_000 * SECOND_MS,
  averageDeliveryTimeMs: 30 * SECOND_MS,
  certificatesPerRegisteredDomainPerWeek: null,
  requiresEab: false,
  caaIdentities: [],
  issuerOrganizations: [],
  patienceMs: 60 * SECOND_MS,
  // A quarter of a second: CAs without Retry-After are mostly private and quick; the wait doubles from here.
  minPollMs: 250,
  maxPollMs: 600 * SECOND_MS,
};
