import type { WantedName } from '../../domain/name/names.js';
import type { Website } from '../../domain/website/website.js';

/** A website that may have been meant, and the name of it that is like the one asked for. */
export interface NearName {
  readonly account: string;
  readonly website: string;
  readonly name: string;
}

/** Letters that a slip of the pen changes. */
const MOST_SLIPS = 2;
/** In shorter names two letters are too large a part. */
const LEAST_LENGTH = 8;

/**
 * The website that has the name most like one that nobody has: first one that differs by a slip of the pen, then the
 * closest domain above it, then one below it.
 */
export class NearestName {
  readonly #sought: WantedName;
  #best: { readonly near: NearName; readonly rank: number } | null = null;

  constructor(sought: WantedName) {
    this.#sought = sought;
  }

  meet({ account, vhost, candidates }: Website): void {
    for (const { name } of candidates) {
      const rank = rankOf(this.#sought, name);
      if (rank === null || (this.#best !== null && this.#best.rank <= rank)) continue;
      this.#best = { near: { account, website: vhost, name }, rank };
    }
  }

  found(): NearName | null {
    return this.#best?.near ?? null;
  }
}

/** The less the nearer; null = it has nothing to do with it. Slips 1 to 2, domains above it 10 to 20, below it 30. */
function rankOf(sought: string, name: string): number | null {
  if (sought.length >= LEAST_LENGTH && Math.abs(sought.length - name.length) <= MOST_SLIPS) {
    const slips = slipsBetween(sought, name);
    if (slips <= MOST_SLIPS) return slips;
  }
  if (sought.endsWith(`.${name}`)) return 20 - Math.min(10, name.split('.').length);
  return name.endsWith(`.${sought}`) ? 30 : null;
}

/** Levenshtein's distance, or more than `MOST_SLIPS` as soon as that is certain. */
function slipsBetween(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    if (Math.min(...current) > MOST_SLIPS) return MOST_SLIPS + 1;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
