import type { ProviderDescription } from './description.js';

/** What a provider is scored by: all that the documentation names (behaviour.md section 4). */
export type UsabilityPart = 'methods' | 'names' | 'delivery' | 'redirects' | 'rate' | 'wildcard';

export interface Usability {
  readonly stars: number;
  /** By what they were given. */
  readonly parts: Readonly<Record<UsabilityPart, number>>;
}

type ScoredFacts = Pick<
  ProviderDescription,
  | 'dcvMethods'
  | 'supportsAncestorDcv'
  | 'maxNamesPerCertificate'
  | 'averageDeliveryTimeMs'
  | 'httpMaxRedirects'
  | 'certificatesPerRegisteredDomainPerWeek'
  | 'supportsWildcard'
>;

/** Two for each of the two methods, and one for each of five facts. */
export const MOST_STARS = 9;

/**
 * Our thresholds, where the documentation gives only the sum. They agree with its worked example: 1000 names earn a star, no
 * rate limit earns one, two minutes and no redirects earn none.
 */
/** The names of a website with a few dozen subdomains. */
const MANY_NAMES = 100;
/** In ms: as long as a person waits for it, and a run does. */
const QUICK_DELIVERY_MS = 60_000;
/** From http to https, and from a name to its www. */
const USUAL_REDIRECTS = 2;
/** Certificates a week for one registered domain: more than any domain of a hosting server has websites. */
const AMPLE_RATE = 1000;

/** The documented score: the sum of a provider's stars. */
export function usabilityOf(provider: ScoredFacts): Usability {
  const star = (isEarned: boolean): number => (isEarned ? 1 : 0);
  const rate = provider.certificatesPerRegisteredDomainPerWeek;
  const parts = {
    methods: provider.dcvMethods.length * (provider.supportsAncestorDcv ? 2 : 1),
    names: star((provider.maxNamesPerCertificate ?? Number.POSITIVE_INFINITY) >= MANY_NAMES),
    delivery: star((provider.averageDeliveryTimeMs ?? Number.POSITIVE_INFINITY) <= QUICK_DELIVERY_MS),
    redirects: star(provider.httpMaxRedirects >= USUAL_REDIRECTS),
    rate: star(rate === null || rate >= AMPLE_RATE),
    wildcard: star(provider.supportsWildcard),
  };
  return { stars: Object.values(parts).reduce((sum, one) => sum + one, 0), parts };
}

/** How stars are earned, one line each, for people. */
export const USABILITY_RULES: readonly string[] = [
  'one star for each validation method, two where a validated name proves those below it',
  `one for ${MANY_NAMES} names or more in a certificate`,
  `one for an average delivery within ${QUICK_DELIVERY_MS / 1000} seconds`,
  `one for following ${USUAL_REDIRECTS} redirects or more`,
  `one for ${AMPLE_RATE} certificates or more a week and registered domain, or no limit known`,
  'one for wildcards',
];
