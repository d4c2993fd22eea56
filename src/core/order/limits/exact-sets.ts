import { type BucketStanding, type FullAtMs, standingOf, taken } from './gcra.js';
import { setKeyOf } from './limit-stop.js';
import type { PublishedLimits } from './published-limits.js';

/** A certificate that we got, as far as the limit on one set of names looks at it. */
export interface CertifiedSet {
  readonly provider: string;
  readonly names: readonly string[];
  /** ISO. */
  readonly issuedAt: string;
  /** Null or absent: its order named nothing that it replaces. */
  readonly replaces?: string | null;
}

/** What is left of the certificates that a CA gives for one set of names. */
export interface SetStanding {
  readonly provider: string;
  /** Sorted, each once. */
  readonly names: readonly string[];
  readonly standing: BucketStanding;
  readonly cap: number;
}

/**
 * The sets of which something is spent by what was issued to us, least left first. Nobody is held back by it here: two a week
 * and website beyond its renewals (`judgeReorder`) is less than any CA gives; somebody else with these names may spend the rest.
 */
export function spentSets(
  issued: Iterable<CertifiedSet>,
  limitsOf: (provider: string) => PublishedLimits,
  now: Date,
): readonly SetStanding[] {
  const instants = new Map<string, { readonly one: CertifiedSet; readonly at: number[] }>();
  for (const one of issued) {
    const { perExactSet, exemptions } = limitsOf(one.provider);
    const isExempt = one.replaces != null && exemptions.includes('replaces');
    const at = Math.min(Date.parse(one.issuedAt), now.getTime());
    if (perExactSet === null || isExempt || at <= now.getTime() - perExactSet.periodMs) continue;
    const key = `${one.provider} ${setKeyOf(one.names)}`;
    const known = instants.get(key) ?? { one, at: [] };
    known.at.push(at);
    instants.set(key, known);
  }
  return [...instants.values()]
    .flatMap(({ one: { provider, names }, at }) => {
      const rate = limitsOf(provider).perExactSet;
      if (rate === null) return [];
      const fullAt = at
        .sort((a, b) => a - b)
        .reduce<FullAtMs>((full, ms) => taken(rate, full, new Date(ms)), null);
      const standing = standingOf(rate, fullAt, now);
      const sorted = [...new Set(names)].sort();
      return standing.left < rate.capacity ? [{ provider, names: sorted, standing, cap: rate.capacity }] : [];
    })
    .sort((a, b) => a.standing.left - b.standing.left || ((a.names[0] ?? '') < (b.names[0] ?? '') ? -1 : 1));
}
