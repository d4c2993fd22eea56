import { printable } from '../../domain/name/names.js';
import { type Column, renderColumns } from '../text/columns.js';

/** One account, as `autossl users --json` prints it. Plain JSON, texts printable. */
export interface ListedUser {
  readonly account: string;
  /** Whether runs look at it, and why not. */
  readonly state: 'checked' | 'suspended' | 'no-autossl-feature' | 'broken';
  /** `list`: its feature list decides; else that is overridden for it. */
  readonly feature: 'enabled' | 'disabled' | 'list';
  readonly keyType: string;
  /** False: it follows the server's. */
  readonly isKeyTypeOwn: boolean;
  /** Null: they cannot be told, as the account is not looked at. */
  readonly websites: number | null;
  /** What is wrong with a broken one. */
  readonly message: string | null;
  /** What is wrong beside that: values and websites that were left out. */
  readonly faults: readonly string[];
}

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Account', leastWidth: 16 },
  { title: 'AutoSSL', leastWidth: 14 },
  { title: 'Feature', leastWidth: 8 },
  { title: 'Key type', leastWidth: 24 },
  { title: 'Websites', leastWidth: 8, isNumber: true },
];

const STATES: Readonly<Record<ListedUser['state'], string>> = {
  checked: 'on',
  suspended: 'off: suspended',
  'no-autossl-feature': 'off',
  broken: 'broken files',
};

/** The accounts, and one line that counts. */
export function* renderUsers(users: readonly ListedUser[], width: number | null): Generator<string> {
  if (users.length === 0) {
    yield 'There is no account.';
    return;
  }
  const rows = users.map(({ account, state, feature, keyType, isKeyTypeOwn, websites }) =>
    [
      account,
      STATES[state],
      feature === 'list' ? 'by list' : feature,
      isKeyTypeOwn ? `${keyType} (own)` : keyType,
      websites === null ? '-' : String(websites),
    ].map(printable),
  );
  yield* renderColumns(COLUMNS, rows, width);
  const on = users.filter(({ state }) => state === 'checked').length;
  yield `${on} of ${users.length} on.`;
  for (const { account, message, faults } of users) {
    if (message !== null) yield `broken: ${printable(`${account}: ${message}`)}`;
    for (const fault of faults) yield `fault: ${printable(`${account}: ${fault}`)}`;
  }
}
