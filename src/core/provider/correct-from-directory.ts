import type { DirectoryFacts } from '../order/resources.js';
import type { ProviderDescription } from './description.js';

/** What a directory says about its CA: the part that can be kept from one run to the next. */
export type DirectorySaid = Omit<DirectoryFacts, 'clockOffsetMs'>;

/** The description with what the CA's own directory says of itself in place of what we assumed (protocol C4). */
export function correctFromDirectory(
  description: ProviderDescription,
  facts: DirectorySaid,
): ProviderDescription {
  const said = facts.caaIdentities.map((one) => one.trim().toLowerCase()).filter((one) => one !== '');
  return {
    ...description,
    requiresEab: facts.requiresEab,
    hasRenewalInfo: facts.hasRenewalInfo,
    profiles: facts.profiles,
    termsOfServiceUrl: facts.termsOfService,
    caaIdentities: said.length > 0 ? said : description.caaIdentities,
  };
}
