import type { FaultSide } from '../../domain/fault-side.js';
import { printable } from '../../domain/name/names.js';
import { type Column, renderColumns } from '../text/columns.js';
import { counted } from '../text/wording.js';

/** One problem of a list, as `autossl problems --json` prints it. Plain JSON, texts printable. */
export interface ListedProblem {
  readonly account: string;
  readonly domain: string;
  readonly website: string;
  /** Whether the name has it, or the website as such, which may be called like one of its names. */
  readonly about: 'name' | 'website';
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  /** Who can mend it; null: not recorded. */
  readonly fault: FaultSide | null;
  /** When it was first seen, and last. */
  readonly since: string;
  readonly at: string;
  /** Folder of the log that tells of it; null when that is not known, or not kept any more. */
  readonly log: string | null;
  /** Where a person ends the pause that a provider put on the name; absent: it is not paused. */
  readonly unpauseUrl?: string;
}

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Since', leastWidth: 16 },
  { title: 'Domain', leastWidth: 16 },
  { title: 'Code', leastWidth: 14 },
  { title: 'Message', leastWidth: 20 },
];
/** `2026-06-01T02:14Z`. */
const MINUTES_END = 16;

/** The lines under their titles, as `renderColumns` sets them, and one line that counts. */
export function* renderProblems(problems: readonly ListedProblem[], width: number | null): Generator<string> {
  if (problems.length === 0) {
    yield 'No problem is recorded.';
    return;
  }
  const rows = problems.map(({ since, domain, code, message }) =>
    [`${since.slice(0, MINUTES_END)}Z`, domain, code, message].map(printable),
  );
  yield* renderColumns(COLUMNS, rows, width);
  const ours = problems.filter(({ fault }) => fault === 'ours').length;
  const accounts = new Set(problems.map(({ account }) => account)).size;
  const parts = [
    ...(ours < problems.length ? [`${problems.length - ours} for the owners`] : []),
    ...(ours > 0 ? [`${ours} for this server`] : []),
  ];
  yield* pauseLines(problems);
  yield `${counted(problems.length, 'problem')} of ${counted(accounts, 'account')}: ${parts.join(', ')}.`;
}

function* pauseLines(problems: readonly ListedProblem[]): Generator<string> {
  for (const { domain, unpauseUrl } of problems) {
    if (unpauseUrl === undefined) continue;
    yield `${printable(domain)} is paused until a person ends that:`;
    // Copied whole, however long it is.
    yield `  ${printable(unpauseUrl)}`;
  }
}
