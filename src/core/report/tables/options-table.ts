import type { MetadataKey } from '../../domain/metadata-key.js';
import type { NoticeLevel } from '../../domain/notice-level.js';
import { type Column, renderColumns } from '../text/columns.js';

/** What `autossl options --json` prints. */
export interface Options {
  readonly schemaVersion: 1;
  readonly administratorNotices: NoticeLevel | 'custom';
  readonly userNotices: NoticeLevel | 'custom';
  readonly metadata: Readonly<Record<MetadataKey, 0 | 1>>;
}

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Option', leastWidth: 45 },
  { title: 'Value', leastWidth: 6 },
  { title: 'Meaning', leastWidth: 25 },
];

const LEVELS: Readonly<Record<NoticeLevel | 'custom', string>> = {
  1: 'everything',
  2: 'all but successful renewals',
  3: 'failures',
  4: 'nothing',
  custom: 'a mix of its own',
};

/** Of the key without its audience. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['clobber_externally_signed', 'replace certificates of others that are invalid or about to expire'],
  ['notify_autossl_expiry', 'it expires, and none is to be had'],
  ['notify_autossl_expiry_coverage', 'a renewal waits for names that it would lose'],
  ['notify_autossl_renewal', 'it was renewed'],
  ['notify_autossl_renewal_coverage', 'a name fails, the renewal is not due yet'],
  ['notify_autossl_renewal_coverage_reduced', 'it was renewed without a name that it had'],
  ['notify_autossl_renewal_uncovered_domains', 'it was renewed, names of the website are missing'],
]);

/** The levels and keys with their values, as `renderColumns` sets them. */
export function* renderOptions(options: Options, width: number | null): Generator<string> {
  const { administratorNotices, userNotices, metadata } = options;
  const rows = [
    ['administrator-notices', String(administratorNotices), LEVELS[administratorNotices]],
    ['user-notices', String(userNotices), LEVELS[userNotices]],
    ...Object.entries(metadata).map(([key, value]) => [key, String(value), meaningOf(key)]),
  ];
  yield* renderColumns(COLUMNS, rows, width);
}

function meaningOf(key: string): string {
  const meaning = MEANINGS.get(key.replace(/_user$/, '')) ?? '';
  return key.endsWith('_user') ? `the owner: ${meaning}` : meaning;
}
