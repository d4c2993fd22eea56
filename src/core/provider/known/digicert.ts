import type { ProviderDescription } from '../description.js';
import { ACME_DEFAULTS } from './acme-defaults.js';

/** DigiCert's ACME service for customers (protocol C4): lives of up to 200 days, profiles by credential. */
export const DIGICERT: ProviderDescription = {
  ...ACME_DEFAULTS,
  name: 'DigiCert',
  displayName: 'DigiCert',
  directoryUrl: 'https://one.digicert.com/mpki/api/v1/acme/v2/directory',
  takesDirectory: true,
  validityPeriodMs: null,
  requiresEab: true,
  hasRenewalInfo: true,
  caaIdentities: ['digicert.com'],
  issuerOrganizations: ['DigiCert Inc', 'DigiCert, Inc.'],
  note: 'Paid: CertCentral names a directory for each credential (--directory); certificates live up to 200 days.',
};
