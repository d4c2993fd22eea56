import type { DirectoryFacts } from '../order/resources.js';
import type { ProviderDescription } from './description.js';

/** The description with what the CA's own directory says of itself in place of what we assumed (protocol C4). */
export function correctFromDirectory(
  description: ProviderDescription,
  facts: DirectoryFacts,
): ProviderDescription {
  const said = facts.caaIdentities.map((one) => one.trim().toLowerCase()).filter((one) => one !== '');
  return {
    ...description,
    requiresEab: facts.requiresEab,
    caaIdentities: said.length > 0 ? said : description.caaIdentities,
  };
}
