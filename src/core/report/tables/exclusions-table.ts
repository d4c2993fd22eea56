import { printable } from '../../domain/name/names.js';
import { type Column, renderColumns } from '../text/columns.js';
import { shortInstant } from '../text/log-instant.js';

/** One name that is left out, as `autossl exclude --json` prints it. Texts printable. */
export interface ListedExclusion {
  readonly account: string;
  readonly name: string;
  /** Who excluded it, and when (ISO 8601); null: another program did, and did not say. */
  readonly by: string | null;
  readonly at: string | null;
}

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Account', leastWidth: 12 },
  { title: 'Name', leastWidth: 30 },
  { title: 'By', leastWidth: 12 },
  { title: 'Since', leastWidth: 20 },
];

/** The excluded names under their titles. */
export function* renderExclusions(
  exclusions: readonly ListedExclusion[],
  width: number | null,
): Generator<string> {
  if (exclusions.length === 0) {
    yield 'No name is excluded.';
    return;
  }
  const rows = exclusions.map(({ account, name, by, at }) =>
    [account, name, by ?? '?', at === null ? '?' : shortInstant(at)].map(printable),
  );
  yield* renderColumns(COLUMNS, rows, width);
}
