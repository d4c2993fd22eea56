import type { ProviderDescription } from '../description.js';
import { ACME_DEFAULTS } from './acme-defaults.js';

/**
 * Actalis (protocol C4): free for one name and its www. A challenge that failed stays `processing` for ever there, which the
 * deadline of an `api` CA ends.
 */
export const ACTALIS: ProviderDescription = {
  ...ACME_DEFAULTS,
  name: 'Actalis',
  displayName: 'Actalis',
  directoryUrl: 'https://acme-api.actalis.com/acme/directory',
  maxNamesPerCertificate: 2,
  supportsWildcard: false,
  requiresEab: true,
  hasRenewalInfo: true,
  caaIdentities: ['actalis.it'],
  issuerOrganizations: ['Actalis S.p.A.', 'Actalis S.p.A./03358520967'],
  note: 'Free for one name and its www only.',
};
