import { isAccountName } from '../../domain/account/account-name.js';
import { hostNameIn } from '../../domain/name/names.js';
import type { NoticeName } from '../finding.js';

/** A name that has failed for so long points elsewhere because its owner wants it to, in ms. */
const STEADY_MS = 7 * 86_400_000;
/** Codes that say by themselves that nothing of the name is here. */
const NOT_HERE: ReadonlySet<string> = new Set(['NXDOMAIN', 'NO_ADDRESS', 'REDIRECTED_AWAY']);
/** A command that somebody pastes is one line. */
const MOST_NAMES = 5;

/** Names that have failed for at least a week because they are not served from here. */
export function steadilyElsewhere(names: readonly NoticeName[], now: Date): readonly string[] {
  return names
    .filter(
      ({ code, pointsElsewhere, failingSince }) =>
        (pointsElsewhere === true || NOT_HERE.has(code)) &&
        failingSince !== null &&
        now.getTime() - failingSince.getTime() >= STEADY_MS,
    )
    .flatMap(({ name }) => hostNameIn(name) ?? [])
    .slice(0, MOST_NAMES);
}

/** The command that leaves the names out; null where the account's name could be no word of a command. */
export function exclusionCommand(account: string, names: readonly string[]): string | null {
  if (names.length === 0 || !isAccountName(account)) return null;
  return `autossl exclude add ${account} ${names.map(shellWord).join(' ')}`;
}

/** Host names need quotes for their asterisk alone. */
export function shellWord(name: string): string {
  return name.includes('*') ? `'${name}'` : name;
}
