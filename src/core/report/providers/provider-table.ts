import { printable } from '../../domain/name/names.js';
import type { ProviderDescription } from '../../provider/description.js';
import type { ProviderStanding } from '../../provider/standing.js';
import { MOST_STARS } from '../../provider/usability.js';
import { type Column, renderColumns } from '../text/columns.js';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 86_400_000;

/** One fact of a provider: its column, and what stands there. */
interface Fact extends Column {
  readonly of: (standing: ProviderStanding) => string;
}

const NAME: Fact = {
  title: 'Provider',
  leastWidth: 11,
  of: ({ provider, isActive }) => `${isActive ? '*' : ''}${provider.name}`,
};
const SCORE: Fact = {
  title: 'Score',
  leastWidth: 5,
  isNumber: true,
  of: ({ usability }) => `${usability.stars}/${MOST_STARS}`,
};
const NAMES: Fact = {
  title: 'Names',
  leastWidth: 5,
  isNumber: true,
  of: ({ provider }) => String(provider.maxNamesPerCertificate ?? '-'),
};
const DELIVERY: Fact = { title: 'How', leastWidth: 5, of: ({ provider }) => provider.deliveryMethod };
const VALIDITY: Fact = {
  title: 'Valid',
  leastWidth: 5,
  isNumber: true,
  of: ({ provider }) => daysIn(provider.validityPeriodMs),
};
const WILDCARD: Fact = {
  title: 'Wild',
  leastWidth: 4,
  of: ({ provider }) => yesNo(provider.supportsWildcard),
};

const BRIEFLY: readonly Fact[] = [
  NAME,
  { title: 'Name', leastWidth: 12, of: ({ provider }) => provider.displayName },
  SCORE,
  NAMES,
  DELIVERY,
  VALIDITY,
  WILDCARD,
  { title: 'EAB', leastWidth: 3, of: ({ provider }) => yesNo(provider.requiresEab) },
];

/** The documented columns, and no others. */
const IN_DETAIL: readonly Fact[] = [
  NAME,
  SCORE,
  { title: 'DCV', leastWidth: 8, of: ({ provider }) => methodsOf(provider).join(',') },
  { title: 'Anc', leastWidth: 3, of: ({ provider }) => yesNo(provider.supportsAncestorDcv) },
  NAMES,
  DELIVERY,
  {
    title: 'Time',
    leastWidth: 5,
    isNumber: true,
    of: ({ provider }) => timeIn(provider.averageDeliveryTimeMs),
  },
  VALIDITY,
  {
    title: 'Hops',
    leastWidth: 4,
    isNumber: true,
    of: ({ provider }) => String(provider.httpMaxRedirects),
  },
  {
    title: 'Week',
    leastWidth: 5,
    isNumber: true,
    of: ({ provider }) => String(provider.certificatesPerRegisteredDomainPerWeek ?? '-'),
  },
  WILDCARD,
];

/** One line for each provider, an asterisk before the active one; `width` null: not for a terminal. */
export function renderProviderTable(
  standings: readonly ProviderStanding[],
  { isDetailed, width }: { readonly isDetailed: boolean; readonly width: number | null },
): string {
  const facts = isDetailed ? IN_DETAIL : BRIEFLY;
  const rows = standings.map((standing) => facts.map(({ of }) => printable(of(standing))));
  return `${[...renderColumns(facts, rows, width)].join('\n')}\n`;
}

/** By the words of the documented API: http, dns. */
export function methodsOf({ dcvMethods }: Pick<ProviderDescription, 'dcvMethods'>): readonly string[] {
  return dcvMethods.map((method) => method.replace(/-01$/, ''));
}

/** `90 d`; a dash for what nobody says. */
export function daysIn(ms: number | null): string {
  return ms === null ? '-' : `${Math.round(ms / DAY_MS)} d`;
}

/** `5 s`, `2 min`; a dash for what nobody says. */
export function timeIn(ms: number | null): string {
  if (ms === null) return '-';
  return ms < 2 * MINUTE_MS ? `${Math.round(ms / SECOND_MS)} s` : `${Math.round(ms / MINUTE_MS)} min`;
}

function yesNo(is: boolean): string {
  return is ? 'yes' : 'no';
}
