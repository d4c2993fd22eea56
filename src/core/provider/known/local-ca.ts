import type { ProviderDescription } from '../description.js';
import { ACME_DEFAULTS } from './acme-defaults.js';

const SECOND_MS = 1000;

/** organizationName of the local CA's root, by which its certificates are known again. */
export const LOCAL_CA_ORGANIZATION = 'AutoSSL Local CA';

/** The embedded CA (design 5.17): signs at once, after its own HTTP-01 fetch; no limits but those of good manners. */
export const LOCAL_CA: ProviderDescription = {
  ...ACME_DEFAULTS,
  name: 'LocalCA',
  displayName: 'Local CA',
  kind: 'local',
  directoryUrl: null,
  dcvMethods: ['http-01'],
  supportsWildcard: false,
  averageDeliveryTimeMs: SECOND_MS,
  hasRenewalInfo: false,
  issuerOrganizations: [LOCAL_CA_ORGANIZATION],
  isKnownByIssuer: true,
  minPollMs: 20,
  maxPollMs: 10 * SECOND_MS,
  note: 'For demonstrations and private networks: only who trusts its root trusts its certificates.',
};
