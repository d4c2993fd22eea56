import type { DcvObservation, DcvOutcome } from '../../core/dcv/outcome.js';
import type { AccountName } from '../../core/domain/account/account-name.js';
import { StateError, UsageError } from '../../core/domain/autossl-error.js';
import {
  type DomainName,
  parseHostName,
  quoteForMessage,
  type WantedName,
  type WildcardName,
} from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { deadlineIn } from '../deadline.js';
import type { AccountDirectory } from '../ports/accounts.js';
import type { ChallengeSolver } from '../ports/challenges.js';
import type { DnsPreflight, DnsTrial } from '../validation/dns-preflight.js';
import { type PreflightPorts, preflightNames } from '../validation/preflight-names.js';

/** Names of one call: each may keep a probe busy for the time that a dead server is waited for. */
const MAX_NAMES = 200;
/** All of a call. */
const DEADLINE_MS = 5 * 60_000;

export interface CheckNamesHost {
  readonly accounts: Pick<AccountDirectory, 'read'>;
  readonly preflight: Omit<PreflightPorts, 'solver' | 'signal' | 'onSeen'>;
  openSolver(): Promise<ChallengeSolver>;
  /** Null: no zone is edited here. */
  openDns(): Promise<DnsPreflight | null>;
}

/** How one name fared over HTTP. */
export interface CheckedName {
  readonly name: WantedName;
  readonly outcome: DcvOutcome;
  readonly observation: DcvObservation | null;
}

/**
 * Does for names of an account what a run does before it orders: a test file, fetched at each address of each name, and
 * taken away. In the order given, each once. @throws UsageError BAD_NAME, BAD_ARGUMENT; StateError
 */
export async function checkNamesOverHttp(
  account: AccountName,
  domains: readonly string[],
  maxRedirects: number | null,
  host: CheckNamesHost,
): Promise<readonly CheckedName[]> {
  const names = namesIn(domains);
  const websites = await websitesWith(names, account, host);
  const solver = await host.openSolver();
  try {
    const signal = deadlineIn(DEADLINE_MS).signal;
    const checked = new Map<WantedName, CheckedName>();
    for (const [website, own] of websites) {
      const seen = new Map<WantedName, DcvObservation>();
      const preflight = { ...host.preflight, maxRedirects: maxRedirects ?? host.preflight.maxRedirects };
      const onSeen = (observation: DcvObservation) => void seen.set(observation.name, observation);
      const outcomes = await preflightNames(website, own, { ...preflight, solver, signal, onSeen });
      for (const outcome of outcomes) {
        const { name } = outcome;
        checked.set(name, { name, outcome, observation: seen.get(name) ?? null });
      }
    }
    return names.flatMap((name) => checked.get(name) ?? []);
  } catch (error) {
    throw asLateness(error);
  } finally {
    await solver.close();
  }
}

/** The same by DNS: a test record in each zone. @throws as `checkNamesOverHttp`; BAD_ARGUMENT where no zone is edited here */
export async function checkNamesByDns(
  account: AccountName,
  domains: readonly string[],
  host: CheckNamesHost,
): Promise<readonly DnsTrial[]> {
  const names = namesIn(domains);
  await websitesWith(names, account, host);
  const preflight = await host.openDns();
  if (preflight === null) {
    throw new UsageError('BAD_ARGUMENT', 'this server edits no zones: nothing can be proved by DNS');
  }
  try {
    return await preflight.try(names, deadlineIn(DEADLINE_MS).signal);
  } catch (error) {
    throw asLateness(error);
  }
}

function namesIn(domains: readonly string[]): readonly (DomainName | WildcardName)[] {
  const names = [...new Set(domains.map(parseHostName))];
  if (names.length <= MAX_NAMES) return names;
  throw new UsageError('BAD_ARGUMENT', `${names.length} names were given; at most ${MAX_NAMES} at a time`);
}

function asLateness(error: unknown): unknown {
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  return isLate ? new StateError('LOCKED', 'the names were not looked at in time', { cause: error }) : error;
}

/** The account's websites with those of their names that are asked for; excluded ones too. */
async function websitesWith(
  names: readonly WantedName[],
  account: AccountName,
  { accounts }: CheckNamesHost,
): Promise<ReadonlyMap<Website, readonly WantedName[]>> {
  const inventory = await accounts.read(account);
  if (inventory?.state !== 'ready') {
    throw new UsageError('BAD_ARGUMENT', `the websites of the account ${account} are not looked at`);
  }
  const byName = new Map<string, Website>();
  for (const website of inventory.websites) {
    for (const { name } of website.candidates) byName.set(name, website);
    for (const name of website.excluded) byName.set(name, website);
  }
  const wanted = new Map<Website, WantedName[]>();
  for (const name of names) {
    const website = byName.get(name);
    if (website === undefined) {
      throw new UsageError('BAD_NAME', `${quoteForMessage(name)} is no name of this account`);
    }
    wanted.set(website, [...(wanted.get(website) ?? []), name]);
  }
  return wanted;
}
