/** What a list of problems remembers of one. */
export interface RememberedProblem {
  readonly domain: string;
  readonly vhost: string;
  readonly code: string;
  readonly advice: string | null;
  readonly since?: string;
  readonly at: string;
}

/** A name that a CA refused is next told of as one that waits: the same trouble. */
const SAME_TROUBLE: readonly (readonly string[])[] = [['CA_REFUSED_NAME', 'NAME_WAITS']];

/**
 * Since when a problem that was found now has been there, by what was known before (ISO instants, `at` = now): the same
 * trouble of the same name of the same website goes on, anything else begins. What only waits keeps the advice that was
 * given when it failed.
 */
export function problemHistory(
  problem: Pick<RememberedProblem, 'domain' | 'vhost' | 'code' | 'advice'>,
  known: readonly RememberedProblem[],
  at: string,
): { readonly since: string; readonly advice: string | null } {
  const { domain, vhost, code, advice } = problem;
  const ofName = known.filter((one) => one.domain === domain && one.vhost === vhost);
  const before =
    ofName.find((one) => one.code === code) ?? ofName.find((one) => isSameTrouble(one.code, code));
  if (before === undefined) return { since: at, advice };
  return {
    since: before.since ?? before.at,
    advice: code === 'NAME_WAITS' ? (advice ?? before.advice) : advice,
  };
}

function isSameTrouble(one: string, other: string): boolean {
  return SAME_TROUBLE.some((codes) => codes.includes(one) && codes.includes(other));
}
