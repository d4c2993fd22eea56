import { ConfigurationError, UsageError } from '../domain/autossl-error.js';
import { quoteForMessage } from '../domain/names.js';
import { CUSTOM_ACME } from './custom-acme.js';
import type { ProviderDescription } from './description.js';
import { LETS_ENCRYPT } from './lets-encrypt.js';
import { LOCAL_CA } from './local-ca.js';

/** Every provider there is, in the order in which they are listed. A new one is a file and a line. */
export const PROVIDERS: readonly ProviderDescription[] = [LETS_ENCRYPT, CUSTOM_ACME, LOCAL_CA];

/** Documented once, gone with its CA's service: refused by name, with what to use instead (design 5.13). */
const RETIRED = 'cPanel';

/** The provider of that name as data has it (documented spelling; case does not matter). @throws ConfigurationError UNKNOWN_PROVIDER */
export function findProvider(name: string): ProviderDescription {
  const found = providerCalled(name);
  if (found !== undefined) return found;
  const { message, advice } = whyUnknown(name);
  throw new ConfigurationError('UNKNOWN_PROVIDER', message, { advice });
}

/** As `findProvider`, of a name that somebody typed. @throws UsageError UNKNOWN_PROVIDER */
export function namedProvider(name: string): ProviderDescription {
  const found = providerCalled(name);
  if (found !== undefined) return found;
  const { message, advice } = whyUnknown(name);
  throw new UsageError('UNKNOWN_PROVIDER', message, { advice });
}

function providerCalled(name: string): ProviderDescription | undefined {
  const wanted = name.toLowerCase();
  return PROVIDERS.find((one) => one.name.toLowerCase() === wanted);
}

function whyUnknown(name: string): { readonly message: string; readonly advice: string } {
  if (name.toLowerCase() === RETIRED.toLowerCase()) {
    return {
      message: `the provider ${quoteForMessage(RETIRED)} works only with a cPanel licence`,
      advice: `Use ${LETS_ENCRYPT.name}: autossl provider use ${LETS_ENCRYPT.name}`,
    };
  }
  const names = PROVIDERS.map((one) => one.name).join(', ');
  return { message: `there is no provider ${quoteForMessage(name)}`, advice: `There are: ${names}.` };
}
