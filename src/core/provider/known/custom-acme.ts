import type { ProviderDescription } from '../description.js';
import { ACME_DEFAULTS } from './acme-defaults.js';

/** Any other ACME CA, by the directory that the administrator names. */
export const CUSTOM_ACME: ProviderDescription = {
  ...ACME_DEFAULTS,
  name: 'CustomACME',
  displayName: 'Custom ACME',
  directoryUrl: null,
  takesDirectory: true,
  // A quarter of a second: CAs without Retry-After are mostly private and quick; the wait doubles from here.
  minPollMs: 250,
};
