import type { AccountSkip } from '../domain/website/website.js';
import { shortInstant } from './text/log-instant.js';
import { counted } from './text/wording.js';

/** What another key type costs one account, as `autossl users key-type --json` prints it. */
export interface KeyTypeCost {
  readonly account: string;
  /** The type that its keys are to be of. */
  readonly keyType: string;
  /** False: see `notLookedAt`. */
  readonly isLookedAt: boolean;
  /** Why no run looks at its websites; null: runs do. */
  readonly notLookedAt: AccountSkip | 'broken' | null;
  /** Of its websites. */
  readonly certificates: number;
  /** Those of them that will be ordered anew with such a key. */
  readonly orders: number;
  /** ISO 8601: when the first and the last of them is to be renewed; null: none is. */
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  /** Whether the account's file says something else than before. */
  readonly isChanged: boolean;
}

/** In words that follow “the account”. */
const NOT_LOOKED_AT: Readonly<Record<AccountSkip | 'broken', string>> = {
  suspended: 'is suspended',
  'no-autossl-feature': 'does not have AutoSSL',
  broken: 'has files that cannot be used (see: autossl users)',
};

/** One line. */
export function renderKeyTypeCost({
  account,
  keyType,
  notLookedAt,
  certificates,
  orders,
  firstAt,
  lastAt,
}: KeyTypeCost): string {
  const head = `${account}: ${keyType}: `;
  if (notLookedAt !== null) return `${head}nothing is ordered, as the account ${NOT_LOOKED_AT[notLookedAt]}.`;
  if (orders === 0 || firstAt === null || lastAt === null) return `${head}no certificate has another key.`;
  const many = `${orders} of ${counted(certificates, 'certificate')} will be ordered anew when due`;
  const when =
    firstAt === lastAt
      ? `from ${shortInstant(firstAt)} on`
      : `the first from ${shortInstant(firstAt)} on, the last from ${shortInstant(lastAt)} on`;
  return `${head}${many}, ${when}. All at once: autossl_check --user ${account} --reissue`;
}
