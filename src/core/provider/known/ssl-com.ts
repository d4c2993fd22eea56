import type { ProviderDescription } from '../description.js';
import { ACME_DEFAULTS } from './acme-defaults.js';

/** SSL.com (protocol C4): free for one name and its www; RSA and ECDSA have directories of their own. */
export const SSL_COM: ProviderDescription = {
  ...ACME_DEFAULTS,
  name: 'SSLcom',
  displayName: 'SSL.com',
  directoryUrl: 'https://acme.ssl.com/sslcom-dv-rsa',
  takesDirectory: true,
  maxNamesPerCertificate: 2,
  supportsWildcard: false,
  requiresEab: true,
  hasRenewalInfo: false,
  caaIdentities: ['ssl.com'],
  issuerOrganizations: ['SSL Corporation', 'SSL Corp'],
  note: 'Free for one name and its www only; an account with funds is charged for certificates of a year. It wants acme.contact. Keys of kind ECDSA: --directory https://acme.ssl.com/sslcom-dv-ecc.',
};
