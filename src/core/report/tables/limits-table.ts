import { printable } from '../../domain/name/names.js';
import type { StopScope } from '../../order/ledger-record.js';
import { storedRefusalWords } from '../events/refusal-words.js';
import type { ListFault } from '../status/website-list.js';
import { type Column, renderColumns } from '../text/columns.js';
import { shortInstant } from '../text/log-instant.js';
import { counted } from '../text/wording.js';
import type { LimitCode } from '../why/limits.js';
import { pageWidth, wrapped } from '../why/wrapped.js';

/** What holds orders back now, as `autossl limits --json` prints it (design 5.18). Instants ISO 8601. */
export interface Limits {
  readonly schemaVersion: 1;
  readonly at: string;
  readonly accounts: readonly AccountLimits[];
  readonly names: NameLimits;
  /** Sets of names of whose certificates something is spent, least left first. */
  readonly sets: readonly SetLimit[];
  readonly websites: readonly WebsiteLimit[];
  /** What the planned run would cost; null: it was not asked for, or there is no provider. */
  readonly plan: PlannedCost | null;
  readonly faults: readonly ListFault[];
}

/** What the orders of the planned run would cost at the active provider, should every name pass its validation. */
export interface PlannedCost {
  readonly provider: string;
  readonly orders: number;
  /** Of these, those that the provider does not count. */
  readonly exempt: number;
  /** Those with names that failed before. */
  readonly failedBefore: number;
  /** When the last of them could be sent; null: all at once, now. */
  readonly doneAt: string | null;
  /** Registered domains that take longer than the others, the longest first. */
  readonly domains: readonly { readonly domain: string; readonly orders: number; readonly doneAt: string }[];
}

/** Of our account at one provider. */
export interface AccountLimits {
  readonly provider: string;
  readonly isActive: boolean;
  /** Orders of our share that are spent and not refilled yet. */
  readonly newOrders: number;
  /** How many may be; null: no limit. */
  readonly cap: number | null;
  /** How many are left; null: no limit. */
  readonly left: number | null;
  /** When the next may be asked for, once the cap is reached; null: at once. */
  readonly opensAt: string | null;
  /** When all of the share is there again; null: it is. */
  readonly fullAt: string | null;
  /** Of the share, what names that failed before may have; null: no limit. */
  readonly failedBefore: { readonly left: number; readonly cap: number } | null;
  /** Registered domains of whose certificates a week something is spent, least left first. */
  readonly domains: readonly DomainLimit[];
  /** What the provider stopped that is less than our account, those that end first in front. */
  readonly stops: readonly StoppedPart[];
  /** Since when the provider could not be used; null: it answered last. */
  readonly downSince: string | null;
  readonly downBecause: string | null;
  /** Until when the provider stopped our account; null: it did not. */
  readonly stoppedUntil: string | null;
  /** Its code and words. */
  readonly stoppedBecause: string | null;
}

export interface DomainLimit {
  readonly domain: string;
  readonly left: number;
  readonly cap: number;
  /** When the next certificate may be asked for; null: at once. */
  readonly opensAt: string | null;
}

/** A registered domain, a set of names, or a name for which a provider takes no orders. */
export interface StoppedPart {
  readonly scope: StopScope;
  readonly key: string;
  readonly until: string;
  /** The provider's code and words. */
  readonly because: string;
  /** Where a person ends a pause; null: it ends by itself. */
  readonly unpauseUrl: string | null;
}

/** How many names are put aside after a provider could not validate them. */
export interface NameLimits {
  /** Three failures within the hour. */
  readonly hourlyLimit: number;
  readonly backoff: number;
  /** When the first of them may be tried again; null: none is put aside. */
  readonly firstAt: string | null;
  /** Names of which a provider counted failed authorizations within the hour, least left first. */
  readonly failed: readonly FailedNameLimit[];
}

/** What is left of the failures of a name that we let a provider count. */
export interface FailedNameLimit {
  readonly name: string;
  readonly left: number;
  readonly cap: number;
  /** When one more may be risked; null: at once. */
  readonly opensAt: string | null;
  /** When none counts any more. */
  readonly fullAt: string;
}

/** What is left of the certificates that a provider gives for one set of names, by what it issued to us. */
export interface SetLimit {
  readonly provider: string;
  readonly names: readonly string[];
  readonly left: number;
  readonly cap: number;
  /** When it gives the next; null: at once. */
  readonly opensAt: string | null;
  /** When all of them are there again; null: they are. */
  readonly fullAt: string | null;
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
const PART_COLUMNS: readonly Column[] = [
  { title: 'Provider', leastWidth: 12 },
  { title: 'Held back', leastWidth: 20 },
  { title: 'Until', leastWidth: 20 },
  { title: 'Because', leastWidth: 22 },
];
const spentColumns = (title: string): readonly Column[] => [
  { title, leastWidth: 28 },
  { title: 'Left', leastWidth: 6 },
  { title: 'Next', leastWidth: 20 },
  { title: 'All again', leastWidth: 20 },
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
  if (accounts.length === 0 && limits.faults.length > 0) yield 'What was spent cannot be told.';
  else if (accounts.length === 0) yield 'No provider is active, and nothing was ordered yet.';
  else yield* renderColumns(ACCOUNT_COLUMNS, accounts.map(accountCells), width);
  yield* renderParts(accounts, width);
  if (limits.plan !== null) {
    yield '';
    for (const line of renderPlannedCost(limits.plan)) yield* fitted(line, width);
  }
  yield '';
  yield* fitted(nameLine(names), width);
  yield* renderSpent(limits, width);
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

/** What is held back of an account, and registered domains of which nothing is left. */
function* renderParts(accounts: readonly AccountLimits[], width: number | null): Generator<string> {
  const rows = accounts.flatMap(({ provider, stops, domains }) => [
    ...stops.map(({ scope, key, until, because }) => [
      provider,
      scope === 'exact-set' ? `just ${key}` : key,
      shortInstant(until),
      storedRefusalWords('stopped by the provider', because),
    ]),
    ...domains
      .filter(({ left }) => left === 0)
      .map(({ domain, cap, opensAt }) => [
        provider,
        domain,
        opensAt === null ? '-' : shortInstant(opensAt),
        `our share of ${cap} certificates a week is spent`,
      ]),
  ]);
  if (rows.length > 0) {
    yield '';
    yield* renderColumns(
      PART_COLUMNS,
      rows.map((row) => row.map(printable)),
      width,
    );
  }
  const pauses = accounts.flatMap(({ stops }) => stops.filter(({ unpauseUrl }) => unpauseUrl !== null));
  for (const { key, unpauseUrl } of pauses) {
    yield* fitted(`${printable(key)} is paused until a person ends that:`, width);
    // Copied whole, however long it is.
    yield `  ${printable(unpauseUrl ?? '')}`;
  }
}

/** Rows of each kind; the JSON document has all. */
const MOST_SPENT = 10;
/** What every website costs that was secured this week, and is not worth a row. */
const USUAL_CERTIFICATES = 1;

/** Sets of names that were certified more than once lately, and names that failed. */
function* renderSpent({ sets, names }: Limits, width: number | null): Generator<string> {
  const again = sets
    .filter(({ left, cap }) => cap - left > USUAL_CERTIFICATES)
    .map((one) => ({ ...one, what: `just ${one.names.join(',')}` }));
  yield* renderSpentOf('Certified again', again, width);
  const failed = names.failed.map((one) => ({ ...one, what: one.name }));
  yield* renderSpentOf('Failed within the hour', failed, width);
}

function* renderSpentOf(
  title: string,
  all: readonly (Pick<SetLimit, 'left' | 'cap' | 'opensAt' | 'fullAt'> & { readonly what: string })[],
  width: number | null,
): Generator<string> {
  if (all.length === 0) return;
  const rows = all
    .slice(0, MOST_SPENT)
    .map(({ what, left, cap, opensAt, fullAt }) => [
      printable(what),
      `${left} of ${cap}`,
      opensAt === null ? 'now' : shortInstant(opensAt),
      fullAt === null ? '-' : shortInstant(fullAt),
    ]);
  yield '';
  yield* renderColumns(spentColumns(title), rows, width);
  if (all.length > rows.length) yield `And ${all.length - rows.length} more: autossl limits --json`;
}

/** A sentence in lines of the terminal. */
function fitted(sentence: string, width: number | null): readonly string[] {
  return width === null ? [sentence] : wrapped(sentence, pageWidth(width));
}

/** Domains that are named beside a plan; the JSON document has all. */
const MOST_PLANNED_DOMAINS = 5;

function* renderPlannedCost(plan: PlannedCost): Generator<string> {
  const { provider, orders, exempt, failedBefore, doneAt, domains } = plan;
  const kinds = [
    exempt === 0 ? '' : `${exempt} of them not counted by it`,
    failedBefore === 0 ? '' : `${failedBefore} with names that failed before`,
  ].filter((one) => one !== '');
  const details = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`;
  const end = doneAt === null ? 'all at once' : `the last about ${shortInstant(doneAt)}`;
  yield orders === 0
    ? `The planned run would order nothing at ${printable(provider)}.`
    : `The planned run would place ${counted(orders, 'order')} at ${printable(provider)}${details}: ${end}.`;
  for (const one of domains.slice(0, MOST_PLANNED_DOMAINS))
    yield `${printable(one.domain)}: ${counted(one.orders, 'order')}, the last about ${shortInstant(one.doneAt)}.`;
}

function accountCells(one: AccountLimits): string[] {
  const { provider, isActive, newOrders, cap, opensAt, stoppedUntil, stoppedBecause, downSince } = one;
  const until = stoppedUntil ?? opensAt;
  const because =
    stoppedUntil !== null
      ? storedRefusalWords('stopped by the provider', stoppedBecause)
      : opensAt !== null
        ? 'our own limit of 3 hours is reached'
        : downSince !== null
          ? `cannot be used since ${shortInstant(downSince)}`
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
