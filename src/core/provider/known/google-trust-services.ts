import type { ProviderDescription } from '../description.js';
import { ACME_DEFAULTS } from './acme-defaults.js';

/** Google's public CA (protocol C4): free, by a single-use external account key of a Cloud project. */
export const GOOGLE_TRUST_SERVICES: ProviderDescription = {
  ...ACME_DEFAULTS,
  name: 'GoogleTrustServices',
  displayName: 'Google Trust Services',
  directoryUrl: 'https://dv.acme-v02.api.pki.goog/directory',
  requiresEab: true,
  hasRenewalInfo: true,
  caaIdentities: ['pki.goog'],
  issuerOrganizations: ['Google Trust Services', 'Google Trust Services LLC'],
  isKnownByIssuer: true,
  note: 'An external account key registers once and expires after 7 days; quotas are those of the Cloud project.',
};
