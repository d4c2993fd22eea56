import type { ProviderDescription } from './description.js';

const SECOND_MS = 1000;

/** organizationName of the local CA's root, by which its certificates are known again. */
export const LOCAL_CA_ORGANIZATION = 'AutoSSL Local CA';

/** The embedded CA (design 5.17): signs at once, after its own HTTP-01 fetch; no limits but those of good manners. */
export const LOCAL_CA: ProviderDescription = {
  name: 'LocalCA',
  displayName: 'Local CA',
  kind: 'local',
  directoryUrl: null,
  dcvMethods: ['http-01'],
  deliveryMethod: 'api',
  maxNamesPerCertificate: 100,
  httpMaxRedirects: 10,
  supportsWildcard: false,
  supportsAncestorDcv: false,
  daysToReplace: 29,
  validityPeriodMs: 7_776_000 * SECOND_MS,
  averageDeliveryTimeMs: SECOND_MS,
  certificatesPerRegisteredDomainPerWeek: null,
  requiresEab: false,
  caaIdentities: [],
  issuerOrganizations: [LOCAL_CA_ORGANIZATION],
  patienceMs: 60 * SECOND_MS,
  minPollMs: 20,
  maxPollMs: 10 * SECOND_MS,
};
