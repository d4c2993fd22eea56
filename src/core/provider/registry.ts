import { ConfigurationError, UsageError } from '../domain/autossl-error.js';
import { quoteForMessage } from '../domain/name/names.js';
import type { ProviderDescription } from './description.js';
import { ACTALIS } from './known/actalis.js';
import { CUSTOM_ACME } from './known/custom-acme.js';
import { DIGICERT } from './known/digicert.js';
import { GOOGLE_TRUST_SERVICES } from './known/google-trust-services.js';
import { LETS_ENCRYPT, LETS_ENCRYPT_STAGING } from './known/lets-encrypt.js';
import { LOCAL_CA } from './known/local-ca.js';
import { SECTIGO } from './known/sectigo.js';
import { SSL_COM } from './known/ssl-com.js';
import { ZEROSSL } from './known/zerossl.js';

/** Every built-in provider, in the order in which they are listed. A new one is a file and a line. */
export const PROVIDERS: readonly ProviderDescription[] = [
  LETS_ENCRYPT,
  LETS_ENCRYPT_STAGING,
  GOOGLE_TRUST_SERVICES,
  ZEROSSL,
  SECTIGO,
  SSL_COM,
  ACTALIS,
  DIGICERT,
  CUSTOM_ACME,
  LOCAL_CA,
];

/** Documented once, gone with its CA's service: refused by name, with what to use instead (design 5.13). */
const RETIRED = 'cPanel';

/** The built-in provider of that name as data has it (documented spelling; case does not matter). @throws ConfigurationError UNKNOWN_PROVIDER */
export function findProvider(name: string): ProviderDescription {
  const found = providerCalled(name);
  if (found !== undefined) return found;
  const { message, advice } = whyUnknown(name);
  throw new ConfigurationError('UNKNOWN_PROVIDER', message, { advice });
}

/** As `findProvider`, of a name that somebody typed. `others`: providers there are beside. @throws UsageError UNKNOWN_PROVIDER */
export function namedProvider(name: string, others: readonly string[] = []): ProviderDescription {
  const found = providerCalled(name);
  if (found !== undefined) return found;
  const { message, advice } = whyUnknown(name, others);
  throw new UsageError('UNKNOWN_PROVIDER', message, { advice });
}

/** Undefined: no built-in provider is called so. Case does not matter. */
export function providerCalled(name: string): ProviderDescription | undefined {
  const wanted = name.toLowerCase();
  return PROVIDERS.find((one) => one.name.toLowerCase() === wanted);
}

/** Whether a provider of a third party may not be called so: it is built in, or means something else. */
export function isTakenName(name: string): boolean {
  return providerCalled(name) !== undefined || name.toLowerCase() === RETIRED.toLowerCase();
}

function whyUnknown(
  name: string,
  others: readonly string[] = [],
): { readonly message: string; readonly advice: string } {
  if (name.toLowerCase() === RETIRED.toLowerCase()) {
    return {
      message: `the provider ${quoteForMessage(RETIRED)} works only with a cPanel licence`,
      advice: `Use ${LETS_ENCRYPT.name}: autossl provider use ${LETS_ENCRYPT.name}`,
    };
  }
  const names = [...PROVIDERS.map((one) => one.name), ...others].join(', ');
  return { message: `there is no provider ${quoteForMessage(name)}`, advice: `There are: ${names}.` };
}

/** Whether names must be such as the whole internet knows: its directory is built in, not the administrator's own. */
export function isPublicAuthority(name: string): boolean {
  return PROVIDERS.some((one) => one.name === name && one.kind === 'acme' && one.directoryUrl !== null);
}
