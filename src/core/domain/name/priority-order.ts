import type { CandidateName } from '../website/website.js';

/** Rule 5: names that begin so, in the published order; every other name comes after them. */
const LABELS_BY_IMPORTANCE = ['www', 'mail', 'whm', 'webmail', 'cpanel', 'autodiscover', 'webdisk'];
const STANDING_RANK: Readonly<Record<CandidateName['standing'], number>> = { primary: 0, addon: 1, other: 2 };

/**
 * The names, most important first (behaviour section 2): 1. those that the present certificate secures; 2. the
 * account's primary domain and its ipv6., www., mail.; 3. addon domains and their www., mail.; 4. fewer dots;
 * 5. www, mail, whm, webmail, cpanel, autodiscover, webdisk; 6. shorter; then alphabetical, so that it is total.
 */
export function inPriorityOrder(
  names: readonly CandidateName[],
  isSecured: (name: string) => boolean,
): readonly CandidateName[] {
  return names
    .map((candidate) => ({ candidate, rank: rankOf(candidate, isSecured(candidate.name)) }))
    .sort((a, b) => byRank(a.rank, b.rank) || (a.candidate.name < b.candidate.name ? -1 : 1))
    .map(({ candidate }) => candidate);
}

/** What fits into one certificate, and what does not; both in priority order. */
export interface NameSelection {
  readonly taken: readonly CandidateName[];
  readonly left: readonly CandidateName[];
}

/** The `limit` most important names (null: all of them). Give it the names that pass validation, not all candidates. */
export function takeMostImportant(
  names: readonly CandidateName[],
  limit: number | null,
  isSecured: (name: string) => boolean,
): NameSelection {
  const ordered = inPriorityOrder(names, isSecured);
  const count = limit ?? ordered.length;
  return { taken: ordered.slice(0, count), left: ordered.slice(count) };
}

function rankOf({ name, standing }: CandidateName, isSecured: boolean): readonly number[] {
  const importance = LABELS_BY_IMPORTANCE.indexOf(name.slice(0, name.indexOf('.')));
  return [
    isSecured ? 0 : 1,
    STANDING_RANK[standing],
    name.split('.').length,
    importance === -1 ? LABELS_BY_IMPORTANCE.length : importance,
    name.length,
  ];
}

function byRank(a: readonly number[], b: readonly number[]): number {
  for (const [place, value] of a.entries()) {
    const other = b[place] ?? 0;
    if (value !== other) return value - other;
  }
  return 0;
}
