import type { DcvObservation, DcvOutcome } from '../../core/dcv/outcome.js';
import { isSilence } from '../../core/dcv/silence.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { type DomainName, isWildcard, printable, type WildcardName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import {
  lookupErrorOf,
  type NameSight,
  type SeenOutcome,
  seenAddresses,
  seenPlaces,
} from '../../core/report/why/name-sight.js';
import type { AccountDirectory } from '../ports/accounts.js';
import { barredWildcards } from '../validation/barred-wildcards.js';
import { preflightNames } from '../validation/preflight-names.js';
import type { NameView } from './why-host.js';

/**
 * Looks at a name as a run would: addresses, and a test file of its own at each of them, taken away whatever happens. No
 * lock is taken: the file's name is drawn, so that a run beside it is not disturbed. `website`: whose name it is; null =
 * only DNS is asked, `whyNot` says why. Never throws for what is seen.
 */
export async function lookAtName(
  name: DomainName | WildcardName,
  website: Website | null,
  whyNot: string | null,
  view: NameView,
  signal: AbortSignal,
  accounts: AccountDirectory | null = null,
): Promise<NameSight> {
  const { preflight } = view;
  const lookup = isWildcard(name) ? null : await preflight.resolver.addressesOf(name);
  if (lookup !== null && isSilence(lookup) && !(await preflight.resolver.isAnswering())) {
    const servers = preflight.resolver.servers.map(printable).join(', ');
    return {
      state: 'not-looked',
      why: `none of this server’s name servers ${servers} answers`,
      isOurFault: true,
    };
  }
  const base = {
    state: 'looked',
    addresses: lookup === null ? null : seenAddresses(lookup, preflight),
    lookupError: lookup === null ? null : lookupErrorOf(lookup),
  } as const;
  const untried = (why: string | null): NameSight => ({
    ...base,
    method: null,
    whyNotTried: why,
    places: [],
    outcome: null,
  });
  const hasAddress = lookup !== null && lookup.ipv4.length + lookup.ipv6.length > 0;
  // Of a name without address nothing is placed.
  const obstacle = website === null ? whyNot : hasAddress || lookup === null ? view.cannotPlace : null;
  if (website === null || obstacle !== null) return untried(obstacle);
  try {
    const { observation, outcome } = await tryName(name, website, { ...view, accounts }, signal);
    const seen = observation?.method === 'http-01' ? seenPlaces(observation, preflight) : [];
    const method = outcome?.method ?? observation?.method ?? null;
    return { ...base, method, whyNotTried: null, places: seen, outcome: seenOutcome(outcome) };
  } catch (error) {
    if (error instanceof AutosslError) return untried(printable(error.message));
    if (signal.aborted) return untried('it was stopped');
    throw error;
  }
}

async function tryName(
  name: DomainName | WildcardName,
  website: Website,
  view: NameView & { readonly accounts: AccountDirectory | null },
  signal: AbortSignal,
): Promise<{ readonly observation: DcvObservation | null; readonly outcome: DcvOutcome | null }> {
  const { accounts } = view;
  const barred = accounts === null ? null : await barredWildcards(website, [name], true, accounts);
  const bar = barred?.get(name);
  if (bar !== undefined) return { observation: null, outcome: bar };
  const seen: DcvObservation[] = [];
  const solver = await view.openSolver();
  try {
    const onSeen = (observation: DcvObservation): void => void seen.push(observation);
    const overHttp = await preflightNames(website, [name], { ...view.preflight, solver, signal, onSeen });
    const [outcome] = (await view.tryByDns?.(overHttp, signal)) ?? overHttp;
    return { observation: seen[0] ?? null, outcome: outcome ?? null };
  } finally {
    await solver.close();
  }
}

function seenOutcome(outcome: DcvOutcome | null): SeenOutcome | null {
  if (outcome === null) return null;
  if (outcome.passed) return { passed: true, warnings: outcome.warnings };
  const { passed, code, message, advice, isConclusive, fault } = outcome;
  return { passed, code, message, advice, isConclusive, fault };
}
