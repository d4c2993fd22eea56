import { ATTRIBUTE, type NameAttribute } from './distinguished-name.js';
import type { ValidationLevel } from './facts.js';

/** CA/B Forum reserved policies (BR 7.1.6.1; EV Guidelines 9.3.2). */
const EXTENDED_VALIDATION = '2.23.140.1.1';
const ORGANIZATION_VALIDATED = '2.23.140.1.2.2';
const INDIVIDUAL_VALIDATED = '2.23.140.1.2.3';
const DOMAIN_VALIDATED = '2.23.140.1.2.1';

/**
 * DV, OV or EV. A reserved policy decides (an individual counts as OV: somebody's identity was checked); the
 * jurisdiction that only EV subjects carry makes old EV certificates known. Without reserved policy the subject is
 * looked at: any identity in it makes OV, none makes DV. A self-signed or CA certificate has no level.
 */
export function validationLevelOf(leaf: {
  readonly policyOids: readonly string[];
  readonly subject: readonly NameAttribute[];
  readonly isCa: boolean;
  readonly isSelfIssued: boolean;
}): ValidationLevel {
  const { policyOids } = leaf;
  const hasAttribute = (...types: readonly string[]) => leaf.subject.some(({ type }) => types.includes(type));
  if (leaf.isCa || leaf.isSelfIssued) return 'unknown';
  if (policyOids.includes(EXTENDED_VALIDATION)) return 'EV';
  if (policyOids.includes(ORGANIZATION_VALIDATED) || policyOids.includes(INDIVIDUAL_VALIDATED)) return 'OV';
  if (policyOids.includes(DOMAIN_VALIDATED)) return 'DV';
  if (hasAttribute(ATTRIBUTE.jurisdictionCountry)) return 'EV';
  return hasAttribute(ATTRIBUTE.organization, ATTRIBUTE.surname, ATTRIBUTE.givenName) ? 'OV' : 'DV';
}
