import { problemCode } from './problem-type.js';
import type { AcmeProblem } from './resources.js';

/** Refusals that hold for every order of the account, whatever they answered. */
const OF_THE_ACCOUNT: ReadonlySet<string> = new Set([
  'accountDoesNotExist',
  'externalAccountRequired',
  'userActionRequired',
]);

/** What a refused request says of our account: `unsure` is told by asking the CA how the account stands. */
export type AccountVerdict = 'refused' | 'unsure' | 'fine';

/**
 * Whether the account is refused, or this order alone. `unauthorized` is both: CAs say it of an account that was switched off,
 * and of an order whose authorizations they do not find. With names to blame it is those.
 */
export function judgeAccountRefusal(problem: AcmeProblem, hasNamesToBlame: boolean): AccountVerdict {
  const code = problemCode(problem);
  if (OF_THE_ACCOUNT.has(code)) return 'refused';
  return code === 'unauthorized' && !hasNamesToBlame ? 'unsure' : 'fine';
}

/** Whether the CA does not take the key that was ordered for (blocked, weak, of a kind it does not know): another one may do. */
export function isKeyRefused(problem: Pick<AcmeProblem, 'type'>): boolean {
  return problemCode(problem) === 'badPublicKey';
}
