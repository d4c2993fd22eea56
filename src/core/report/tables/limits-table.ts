import { printable } from '../../domain/name/names.js';
import { storedRefusalWords } from '../events/refusal-words.js';
import type { ListFault } from '../status/website-list.js';
import { type Column, renderColumns } from '../text/columns.js';
import { shortInstant } from '../text/log-instant.js';
import { counted } from '../text/wording.js';
import type { LimitCode } from '../why/limits.js';

/** What holds orders back now, as `autossl limits --json` prints it (design 5.18). Instants ISO 8601. */
export interface Limits {
  readonly schemaVersion: 1;
  readonly at: string;
  readonly accounts: readonly AccountLimits[];
  readonly names: NameLimits;
  readonly websites: readonly WebsiteLimit[];
  readonly faults: readonly ListFault[];
}

/** Of our account at one provider. */
export interface AccountLimits {
  readonly provider: string;
  readonly isActive: boolean;
  /** Orders asked for in the last 3 hours. */
  readonly newOrders: number;
  /** How many may be; null: no limit. */
  readonly cap: number | null;
  /** When the next may be asked for, once the cap is reached; null: at once. */
  readonly opensAt: string | null;
  /** Until when the provider stopped our account; null: it did not. */
  readonly stoppedUntil: string | null;
  /** Its code and words. */
  readonly stoppedBecause: string | null;
}

/** How many names are put aside after a provider could not validate them. */
export interface NameLimits {
  /** Three failures within the hour. */
  readonly hourlyLimit: number;
  readonly backoff: number;
  /** When the first of them may be tried again; null: none is put aside. */
  readonly firstAt: string | null;
}

/** A website that is not ordered for again so soon. */
export interface WebsiteLimit {
  readonly account: string;
  readonly website: string;
  readonly code: LimitCode;
  readonly message: string;
  readonly until: string | null;
}

/** Together with the gaps 80, and so the others. */
const ACCOUNT_COLUMNS: readonly Column[] = [
  { title: 'Provider', leastWidth: 12 },
  { title: 'Orders', leastWidth: 12 },
  { title: 'Until', leastWidth: 20 },
  { title: 'Because', leastWidth: 30 },
];
const WEBSITE_COLUMNS: readonly Column[] = [
  { title: 'Account', leastWidth: 8 },
  { title: 'Website', leastWidth: 20 },
  { title: 'Until', leastWidth: 20 },
  { title: 'Because', leastWidth: 26 },
];

/** The accounts, the names in a line, and the websites that wait. */
export function* renderLimits(limits: Limits, width: number | null): Generator<string> {
  const { accounts, names, websites } = limits;
  if (accounts.length === 0) yield 'No provider is active, and nothing was ordered yet.';
  else yield* renderColumns(ACCOUNT_COLUMNS, accounts.map(accountCells), width);
  yield '';
  yield nameLine(names);
  yield '';
  if (websites.length === 0) {
    yield 'No website waits because of a certificate that it got lately.';
    return;
  }
  const rows = websites.map(({ account, website, until, message }) =>
    [account, website, until === null ? '-' : shortInstant(until), message].map(printable),
  );
  yield* renderColumns(WEBSITE_COLUMNS, rows, width);
}

function accountCells(one: AccountLimits): string[] {
  const { provider, isActive, newOrders, cap, opensAt, stoppedUntil, stoppedBecause } = one;
  const until = stoppedUntil ?? opensAt;
  const because =
    stoppedUntil !== null
      ? storedRefusalWords('stopped by the provider', stoppedBecause)
      : opensAt !== null
        ? 'our own limit of 3 hours is reached'
        : '-';
  return [
    isActive ? `${provider} *` : provider,
    cap === null ? `${newOrders}, no cap` : `${newOrders} of ${cap}`,
    until === null ? '-' : shortInstant(until),
    because,
  ].map(printable);
}

function nameLine({ hourlyLimit, backoff, firstAt }: NameLimits): string {
  if (firstAt === null) return 'No name is put aside.';
  return `Put aside: ${counted(hourlyLimit, 'name')} by the hourly limit, ${backoff} by backoff, the first until ${shortInstant(firstAt)}.`;
}
