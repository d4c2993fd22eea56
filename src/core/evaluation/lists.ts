import { chainChecks } from './chain-checks.js';
import type { Check } from './check.js';
import { fileChecks, keyInFileCheck } from './file-checks.js';
import { purposeChecks } from './purpose-checks.js';
import { revocationChecks } from './revocation-checks.js';
import { strengthChecks } from './strength-checks.js';
import { validityChecks } from './validity-checks.js';
import { wishChecks } from './wish-checks.js';

/** What a website's certificate must pass, most telling first. */
export const websiteChecks: readonly Check[] = [
  ...fileChecks,
  ...validityChecks,
  ...chainChecks,
  ...revocationChecks,
  ...strengthChecks,
  ...purposeChecks,
  ...wishChecks,
];

/** For a certificate file that belongs to no website (`autossl inspect`): nothing is wished, and a key may lie elsewhere. */
export const looseFileChecks: readonly Check[] = [
  ...websiteChecks.filter((check) => !wishChecks.includes(check) && check.code !== 'KEY_UNREADABLE'),
  keyInFileCheck,
];
