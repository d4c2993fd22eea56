import type { ProviderDescription } from '../description.js';
import { ACME_DEFAULTS } from './acme-defaults.js';

const SECOND_MS = 1000;

/** Issuer domain names that it answers to, also for those who issue below it. */
export const SECTIGO_CAA_IDENTITIES: readonly string[] = [
  'sectigo.com',
  'comodo.com',
  'comodoca.com',
  'trust-provider.com',
  'usertrust.com',
];

/**
 * Sectigo's ACME service for subscribers (protocol C4); names, redirects, delivery and days as documented for the provider
 * that cPanel runs on it (behaviour.md sections 2 and 4). Lives of up to 200 days, by subscription.
 */
export const SECTIGO: ProviderDescription = {
  ...ACME_DEFAULTS,
  name: 'Sectigo',
  displayName: 'Sectigo',
  directoryUrl: 'https://acme.sectigo.com/v2/DV',
  takesDirectory: true,
  deliveryMethod: 'queue',
  maxNamesPerCertificate: 1000,
  httpMaxRedirects: 0,
  daysToReplace: 15,
  validityPeriodMs: null,
  averageDeliveryTimeMs: 120 * SECOND_MS,
  requiresEab: true,
  caaIdentities: SECTIGO_CAA_IDENTITIES,
  issuerOrganizations: ['Sectigo Limited'],
  note: 'Paid: a subscription names the directory (--directory) and the external account; certificates live up to 200 days.',
};
