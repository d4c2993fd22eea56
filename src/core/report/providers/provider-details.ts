import { printable } from '../../domain/name/names.js';
import type { ProviderDescription } from '../../provider/description.js';
import type { ProviderStanding } from '../../provider/standing.js';
import { MOST_STARS, type UsabilityPart } from '../../provider/usability.js';
import { daysIn, methodsOf, timeIn } from './provider-table.js';

const LABEL_WIDTH = 24;
const STAR = '★';

/** Everything about one provider, for whoever asked for it by name: documented facts with their stars first. Ends with a newline. */
export function renderProviderDetails(standing: ProviderStanding): string {
  const { provider, isActive, fallbackPlace, downSince, choice, accountUrl, usability } = standing;
  const starred = (part: UsabilityPart, text: string): string =>
    `${text}${usability.parts[part] === 0 ? '' : ` ${STAR.repeat(usability.parts[part])}`}`;
  const rows: readonly (readonly [string, string])[] = [
    ['Provider', `${provider.name} (${provider.displayName})${isActive ? ', active' : ''}`],
    ...(fallbackPlace === null
      ? []
      : [['Stands in', `for the active provider, as number ${fallbackPlace}`] as const]),
    ...(downSince === null ? [] : [['Out of use', `since ${downSince}`] as const]),
    ['Usability score', `${usability.stars} of ${MOST_STARS}`],
    ['Validation methods', starred('methods', methodsOf(provider).join(', '))],
    ['Proves names below', provider.supportsAncestorDcv ? 'yes' : 'no'],
    ['Names per certificate', starred('names', orUnspecified(provider.maxNamesPerCertificate))],
    [
      'Delivery method',
      provider.deliveryMethod === 'queue'
        ? 'queue: orders are parked and polled'
        : 'api: a run waits for its orders',
    ],
    [
      'Average delivery time',
      starred('delivery', unspecifiedFor('-', timeIn(provider.averageDeliveryTimeMs))),
    ],
    ['Validity period', unspecifiedFor('-', daysIn(provider.validityPeriodMs))],
    ['Redirects followed', starred('redirects', String(provider.httpMaxRedirects))],
    ['Certificates a week', starred('rate', weekly(provider))],
    ['Wildcards', starred('wildcard', provider.supportsWildcard ? 'yes' : 'no')],
    [
      'Renewed',
      `at most ${provider.daysToReplace} days before expiry, never earlier than a third of the life`,
    ],
    ['Directory', choice?.directoryUrl ?? provider.directoryUrl ?? withoutDirectory(provider)],
    ['Renewal information', renewalInfo(provider.hasRenewalInfo)],
    ['Profiles', provider.profiles.join(', ') || 'none known'],
    ...(choice?.profile == null ? [] : [['Profile used', choice.profile] as const]),
    ['CAA identities', provider.caaIdentities.join(', ') || withoutIdentities(provider)],
    ['Terms of service', provider.termsOfServiceUrl ?? 'none known'],
    ['Terms accepted', choice?.acceptedTermsUrl ?? 'none'],
    ['External account', choice?.eabKeyId ?? (provider.requiresEab ? 'required' : 'none')],
    ['Our account', accountUrl ?? 'none'],
  ];
  const note = provider.note === null ? [] : [['Note', provider.note] as const];
  return [...rows, ...note]
    .map(([label, text]) => `${`${label}:`.padEnd(LABEL_WIDTH)}${printable(text)}\n`)
    .join('');
}

function orUnspecified(value: number | null): string {
  return value === null ? 'unspecified' : String(value);
}

function unspecifiedFor(mark: string, text: string): string {
  return text === mark ? 'unspecified' : text;
}

function weekly({ certificatesPerRegisteredDomainPerWeek: rate }: ProviderDescription): string {
  return rate === null ? 'no limit known' : `${rate} for each registered domain`;
}

function withoutDirectory({ kind }: ProviderDescription): string {
  if (kind === 'local') return 'none, it is on this server';
  return kind === 'module' ? 'none, it is a program of its own' : 'given with --directory';
}

function withoutIdentities({ kind }: ProviderDescription): string {
  return kind === 'acme' ? 'from its directory' : 'none';
}

function renewalInfo(has: boolean | null): string {
  if (has === null) return 'its directory was not asked yet';
  return has ? 'offered' : 'not offered';
}
