import type { ProviderDescription } from '../description.js';
import { ACME_DEFAULTS } from './acme-defaults.js';
import { SECTIGO_CAA_IDENTITIES } from './sectigo.js';

/**
 * ZeroSSL (protocol C4), which issues below Sectigo. It validates again and again by itself, keeps orders `processing` and
 * then answers Retry-After: 86400, so that nobody waits for it: delivery method queue.
 */
export const ZEROSSL: ProviderDescription = {
  ...ACME_DEFAULTS,
  name: 'ZeroSSL',
  displayName: 'ZeroSSL',
  directoryUrl: 'https://acme.zerossl.com/v2/DV90',
  deliveryMethod: 'queue',
  requiresEab: true,
  hasRenewalInfo: false,
  caaIdentities: [...SECTIGO_CAA_IDENTITIES],
  issuerOrganizations: ['ZeroSSL', 'ZeroSSL GmbH'],
  note: 'It throttles requests by limits that it does not publish.',
};
