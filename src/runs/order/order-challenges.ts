import { keyAuthorizationOf } from '../../core/dcv/challenge.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { parseWantedName, printable } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import type { FailedName } from '../../core/order/names-to-drop.js';
import type { ChallengeToAnswer } from '../../core/order/order-step.js';
import type { OrderRecord, PlacedChallenge, PlacedFile } from '../../core/order/record.js';
import type { CaAccount } from '../ports/authority.js';
import type { ChallengeSolver, DnsChallengeSolver } from '../ports/challenges.js';
import { inParallel } from './order-parallel.js';
import { cleanUpRecords, locateRecords, presentRecords } from './record-challenges.js';

/** What places challenges. */
export interface Solvers {
  readonly solver: ChallengeSolver;
  /** Null: no zone is edited from here. */
  readonly dns: DnsChallengeSolver | null;
}

/** Challenges to be placed, each with where it goes. */
export interface LocatedChallenges {
  readonly located: readonly (PlacedChallenge & { readonly content: string })[];
  /** Those that have no place. */
  readonly failed: readonly FailedName[];
}

/** Says where each challenge goes (RFC 8555 sections 8.3 and 8.4). */
export async function locateChallenges(
  open: readonly ChallengeToAnswer[],
  website: Website,
  {
    dns,
    account,
    signal,
  }: Pick<Solvers, 'dns'> & { readonly account: CaAccount; readonly signal?: AbortSignal },
): Promise<LocatedChallenges> {
  const contents = open.map(({ name, challenge: { type, token } }) => ({
    name,
    type,
    token,
    content: keyAuthorizationOf(token, account.keyThumbprint),
  }));
  const files = contents
    .filter(({ type }) => type === 'http-01')
    .map(({ name, token, content }) => ({
      name,
      method: 'http-01' as const,
      token,
      documentRoot: website.documentRoot,
      content,
    }));
  const forDns = contents
    .filter(({ type }) => type === 'dns-01')
    .map(({ name, content }) => ({ name: parseWantedName(name), content }));
  const { located, failed } = await locateRecords(forDns, dns, signal);
  return { located: [...files, ...located], failed };
}

/** The journal's list with the challenges about to be placed added (tokens, and values, tell them apart). */
export function withChallenges(
  record: OrderRecord,
  located: LocatedChallenges['located'],
): readonly PlacedChallenge[] {
  const added = located.map(({ content: _, ...placed }): PlacedChallenge => placed);
  const keys = new Set(added.map(keyOf));
  return [...record.challenges.filter((one) => !keys.has(keyOf(one))), ...added];
}

/** Places all of them, then waits until DNS shows what is there to see; gives those that could not be placed, and why. */
export async function presentChallenges(
  located: LocatedChallenges['located'],
  website: Website,
  ports: Solvers & { readonly signal?: AbortSignal },
): Promise<readonly FailedName[]> {
  const failed: FailedName[] = [];
  const files = located.filter((one) => one.method === 'http-01');
  const records = located.filter((one) => one.method === 'dns-01');
  await inParallel(files, async ({ name, token, content }) => {
    const outcome = await ports.solver.present({ website, name: parseWantedName(name), token, content });
    if (outcome.ok) return;
    const { why, fault } = outcome;
    failed.push({ name, code: 'CHALLENGE_NOT_PLACED', detail: why, fault });
  });
  if (failed.length > 0 || records.length === 0) return failed;
  return presentRecords(records, ports.dns, ports.signal);
}

/** Takes all of them away; gives one printable line for each that could not be. */
export async function cleanUpChallenges(
  record: OrderRecord,
  { solver, dns }: Solvers,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const files = record.challenges.filter((one): one is PlacedFile => one.method === 'http-01');
  await inParallel(files, async ({ name, token, documentRoot }) => {
    try {
      await solver.cleanUp({ name: parseWantedName(name), token, documentRoot, account: record.account });
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      faults.push(`The challenge of ${printable(name)} could not be taken away: ${error.message}`);
    }
  });
  const records = record.challenges.filter((one) => one.method === 'dns-01');
  return [...faults, ...(await cleanUpRecords(records, dns))];
}

function keyOf(challenge: PlacedChallenge): string {
  const what = challenge.method === 'http-01' ? challenge.token : challenge.value;
  return `${challenge.method} ${what} ${challenge.name}`;
}
