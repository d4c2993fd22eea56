import type { MessageContent, MessageCounts } from './message-content.js';
import { numbered } from './words/safe-text.js';
import { spanWords } from './words/time-words.js';

/** A subject that phones show whole names two things; the third is for desktops. */
const MOST_CLAUSES = 3;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What the message says in a few clauses, the gravest first: `2 certificates expire within 3 days, 1 renewed`. */
export function summaryOf(content: MessageContent): string {
  const clauses = clausesOf(content);
  const shown = clauses.slice(0, MOST_CLAUSES).join(', ');
  return clauses.length > MOST_CLAUSES ? `${shown} and more` : shown;
}

function clausesOf(content: MessageContent): string[] {
  const { counts } = content;
  const clause = (count: number, one: string, many: string): string[] =>
    count === 0 ? [] : [`${numbered(count, one, many)}`];
  return [
    ...clause(counts.expired, 'website without a valid certificate', 'websites without a valid certificate'),
    ...expiring(content),
    ...clause(counts.reduced, 'certificate lost names', 'certificates lost names'),
    ...clause(counts.deferred, 'renewal waits', 'renewals wait'),
    ...clause(
      counts.foreign,
      'certificate of another issuer expires',
      'certificates of other issuers expire',
    ),
    ...clause(counts.paused, 'website has paused names', 'websites have paused names'),
    ...clause(counts.atRisk, 'certificate may lose names', 'certificates may lose names'),
    ...clause(counts.uncovered, 'website has unsecured names', 'websites have unsecured names'),
    ...clause(counts.over, 'trouble is over', 'troubles are over'),
    ...clause(counts.renewed, 'renewed', 'renewed'),
    ...clause(counts.standing, 'trouble remains', 'troubles remain'),
  ];
}

function expiring({ counts, troubles, createdAt }: MessageContent): string[] {
  const { expiring: count } = counts satisfies MessageCounts;
  if (count === 0) return [];
  const ends = troubles
    .filter(({ kind, notAfter }) => kind === 'notify_autossl_expiry' && notAfter !== '')
    .map(({ notAfter }) => Date.parse(notAfter) - createdAt.getTime())
    .filter((left) => left > 0);
  const left = count === 1 ? ends[0] : Math.min(...ends);
  const what = numbered(count, 'certificate expires', 'certificates expire');
  if (left === undefined || !Number.isFinite(left)) return [what];
  const span = left < HOUR_MS ? 'an hour' : spanWords(left);
  // Only what is shown was looked at: of all of them the first end is known, not the last.
  if (count === 1) return [`${what} ${left < HOUR_MS ? 'within' : 'in'} ${span}`];
  const last = Math.max(...ends);
  return ends.length === count
    ? [
        `${what} within ${spanWords(Math.ceil(last / DAY_MS) * DAY_MS)}`.replace(
          'within 24 hours',
          'within a day',
        ),
      ]
    : [`${what}, the first in ${span}`];
}
