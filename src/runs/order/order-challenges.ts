import { isIP } from 'node:net';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { parseHostName, parseIpIdentifier, printable, type WantedName } from '../../core/domain/names.js';
import type { Website } from '../../core/domain/website.js';
import type { FailedName } from '../../core/order/names-to-drop.js';
import type { ChallengeToAnswer } from '../../core/order/order-step.js';
import type { OrderRecord, PlacedChallenge } from '../../core/order/record.js';
import type { CaAccount, ChallengeSolver } from '../ports.js';
import { inParallel } from './order-parallel.js';

/** The journal's list with the challenges about to be placed added (RFC 8555 section 8.3 tokens tell them apart). */
export function withChallenges(
  record: OrderRecord,
  website: Website,
  open: readonly ChallengeToAnswer[],
): readonly PlacedChallenge[] {
  const added = open.map(
    (one): PlacedChallenge => ({
      name: one.name,
      method: 'http-01',
      token: one.challenge.token,
      documentRoot: website.documentRoot,
    }),
  );
  const tokens = new Set(added.map((one) => `${one.token} ${one.name}`));
  return [...record.challenges.filter((one) => !tokens.has(`${one.token} ${one.name}`)), ...added];
}

/** Places all of them; gives those that could not be placed, with the reason. */
export async function presentChallenges(
  open: readonly ChallengeToAnswer[],
  website: Website,
  ports: { readonly solver: ChallengeSolver; readonly account: CaAccount },
): Promise<readonly FailedName[]> {
  const failed: FailedName[] = [];
  await inParallel(open, async ({ name, challenge }) => {
    const outcome = await ports.solver.present({
      website,
      name: wantedNameOf(name),
      token: challenge.token,
      content: `${challenge.token}.${ports.account.keyThumbprint}`,
    });
    if (outcome.ok) return;
    const { why, fault } = outcome;
    failed.push({ name, code: 'CHALLENGE_NOT_PLACED', detail: why, fault });
  });
  return failed;
}

/** Takes all of them away; gives one printable line for each that could not be. */
export async function cleanUpChallenges(
  record: OrderRecord,
  solver: ChallengeSolver,
): Promise<readonly string[]> {
  const faults: string[] = [];
  await inParallel(record.challenges, async ({ name, token, documentRoot }) => {
    try {
      await solver.cleanUp({ name: wantedNameOf(name), token, documentRoot, account: record.account });
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      faults.push(`The challenge of ${printable(name)} could not be taken away: ${error.message}`);
    }
  });
  return faults;
}

function wantedNameOf(text: string): WantedName {
  return isIP(text) === 0 ? parseHostName(text) : parseIpIdentifier(text);
}
