import { printable } from '../../domain/name/names.js';
import type { NotServedCode } from '../../plan/served/served.js';
import type { EventType } from '../events/event.js';
import { type Column, renderColumns } from '../text/columns.js';
import { spanOf } from '../text/wording.js';
import type { NextAction, ServedStatus, WebsiteStatus } from './website-status.js';

/** One line of the table: small, so that a whole server's lines can be sorted. */
export interface StatusRow {
  readonly cells: readonly string[];
  /** How urgent it is, as log lines are. */
  readonly tone: EventType;
  readonly account: string;
  readonly website: string;
  /** Epoch milliseconds; infinite when nothing expires, or nothing is foreseen. */
  readonly expiresAt: number;
  readonly nextAt: number;
}

export const STATUS_SORTS = ['account', 'website', 'expiry', 'next'] as const;
export type StatusSort = (typeof STATUS_SORTS)[number];

/** Widths to which columns may be shortened on a terminal; together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Account', leastWidth: 7 },
  { title: 'Website', leastWidth: 12 },
  { title: 'Names', leastWidth: 4 },
  { title: 'Issuer', leastWidth: 7 },
  { title: 'Days', leastWidth: 4, isNumber: true },
  { title: 'TLS', leastWidth: 10 },
  { title: 'Served', leastWidth: 10 },
  { title: 'Next', leastWidth: 12 },
];

/** The line of one website. */
export function statusRow(status: WebsiteStatus, now: Date): StatusRow {
  const { account, website, issued, tls, next } = status;
  return {
    cells: [
      account,
      website,
      namesCell(status),
      issuerCell(status),
      daysCell(status.daysLeft),
      tls,
      issued === null ? '-' : servedCell(status.served, now),
      nextCell(next, now),
    ].map(printable),
    tone: toneOf(status),
    account,
    website,
    expiresAt: issued === null ? Number.POSITIVE_INFINITY : Date.parse(issued.notAfter),
    nextAt: nextAtOf(next),
  };
}

/** The line of an account whose websites cannot be listed. */
export function brokenAccountRow(account: string): StatusRow {
  return {
    cells: [printable(account), '-', '-', '-', '-', 'unknown', '-', 'mend files'],
    tone: 'error',
    account,
    website: '',
    expiresAt: Number.POSITIVE_INFINITY,
    nextAt: Number.POSITIVE_INFINITY,
  };
}

/** Orders lines by expiry or next action (the soonest first, nothing foreseen last), or by name; ties as they came. */
export function compareRows(sort: StatusSort): (a: SortKeys, b: SortKeys) => number {
  const text = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  switch (sort) {
    case 'account':
      return (a, b) => text(a.account, b.account);
    case 'website':
      return (a, b) => text(a.website, b.website);
    case 'expiry':
      return (a, b) => number(a.expiresAt, b.expiresAt) || text(a.website, b.website);
    case 'next':
      return (a, b) => number(a.nextAt, b.nextAt) || text(a.website, b.website);
  }
}
export type SortKeys = Pick<StatusRow, 'account' | 'website' | 'expiresAt' | 'nextAt'>;

/** What a website is sorted by, without its line. */
export function sortKeysOf({ account, website, issued, next }: WebsiteStatus): SortKeys {
  const expiresAt = issued === null ? Number.POSITIVE_INFINITY : Date.parse(issued.notAfter);
  return { account, website, expiresAt, nextAt: nextAtOf(next) };
}

/**
 * The lines under their titles. `width`: columns of the terminal, to which long cells are shortened (never below 80);
 * null: nothing is shortened. `paint` colours a whole line.
 */
export function* renderStatusTable(
  rows: readonly StatusRow[],
  width: number | null,
  paint: (tone: EventType, line: string) => string,
): Generator<string> {
  const cells = rows.map((row) => row.cells);
  let index = -1;
  for (const line of renderColumns(COLUMNS, cells, width)) {
    const row = rows[index];
    yield row === undefined ? line : paint(row.tone, line);
    index += 1;
  }
}

/** How many of how many, and the first beside the website's own. */
function namesCell({ website, wanted, issued }: WebsiteStatus): string {
  const missing = issued?.missing.length ?? 0;
  const count = missing === 0 ? `${wanted.length}` : `${wanted.length - missing}/${wanted.length}`;
  const [first, ...more] = wanted.filter((name) => name !== website);
  return first === undefined ? count : `${count}: ${first}${more.length > 0 ? ', …' : ''}`;
}

function issuerCell({ issued, placeholder }: WebsiteStatus): string {
  if (issued === null) return '-';
  if (placeholder) return 'placeholder';
  return issued.isSelfSigned ? 'self-signed' : issued.issuerName;
}

/** Below ten days the tenths count. */
function daysCell(daysLeft: number | null): string {
  if (daysLeft === null) return '-';
  return Math.abs(daysLeft) < 10 ? daysLeft.toFixed(1) : String(Math.trunc(daysLeft));
}

const NOT_SERVED: Readonly<Record<NotServedCode, string>> = {
  NO_TLS_SITE: 'no TLS site',
  PREVIOUS_CERTIFICATE: 'old certificate',
  OTHER_WEBSITES_CERTIFICATE: "another website's",
  OTHER_CERTIFICATE: 'another certificate',
  NO_TLS: 'no TLS',
  NAME_REJECTED: 'name rejected',
  CONNECTION_REFUSED: 'refused',
  NO_ANSWER: 'no answer',
  HANDSHAKE_FAILED: 'handshake fails',
};

function servedCell({ state, code, at }: ServedStatus, now: Date): string {
  const age = at === null ? '' : ` (${spanOf(now.getTime() - Date.parse(at))})`;
  switch (state) {
    case 'served':
      return `yes${age}`;
    case 'not-served':
      return `no: ${code === null ? 'unknown' : NOT_SERVED[code]}${age}`;
    case 'unknown':
      return `?${age}`;
    case 'not-asked':
      return 'not asked yet';
  }
}

const ACTIONS: Readonly<Record<NextAction['action'], string>> = {
  order: 'order',
  replace: 'replace',
  renew: 'renew',
  'await-order': 'poll',
  install: 'install',
  none: '-',
};

function nextCell({ action, at }: NextAction, now: Date): string {
  if (action === 'none') return ACTIONS.none;
  const left = at === null ? 0 : Date.parse(at) - now.getTime();
  return `${ACTIONS[action]} ${left <= 0 ? 'due' : `in ${spanOf(left)}`}`;
}

function nextAtOf({ action, at }: NextAction): number {
  if (action === 'none') return Number.POSITIVE_INFINITY;
  return at === null ? Number.NEGATIVE_INFINITY : Date.parse(at);
}

function toneOf({ conditions, tls }: WebsiteStatus): EventType {
  if (conditions.includes('expired') || conditions.includes('failing')) return 'error';
  return conditions.includes('expiring') || tls === 'incomplete' ? 'warn' : 'out';
}

/** Infinities are equal to themselves. */
function number(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}
