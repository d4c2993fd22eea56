import { isIssuer } from './issue-value.js';
import type { CaaAddition } from './outcome.js';
import { recordData, shownText, zoneLine } from './zone-line.js';

/** What RFC 8659 section 4.2 takes as a parameter's value, but for what a zone file would have to escape. */
const PLAIN_VALUE = /^[!#-:<-[\]-~]+$/;

/**
 * The record that lets the CA in at a name, beside those that lie there. `accountUrl`: bound to this account, where the
 * owner bound others; null: to none. Null when the CA's name is none that can stand in a record.
 */
export function additionFor(
  owner: string,
  tag: 'issue' | 'issuewild',
  identities: readonly string[],
  accountUrl: string | null,
  isHarmless: boolean,
): CaaAddition | null {
  const [identity] = identities.filter(isIssuer);
  if (identity === undefined) return null;
  const isBindable = accountUrl !== null && PLAIN_VALUE.test(accountUrl);
  const value = identity.toLowerCase() + (isBindable ? `; accounturi=${accountUrl}` : '');
  const record = { flags: 0, tag, value };
  return {
    name: shownText(owner),
    value: recordData(record),
    line: zoneLine(owner, record),
    isHarmless: isHarmless && (accountUrl === null || isBindable),
  };
}
