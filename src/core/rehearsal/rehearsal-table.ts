import { type Column, renderColumns } from '../report/text/columns.js';
import { counted, spanOf } from '../report/text/wording.js';
import { DAY_MS, HOUR_MS, MOST_REHEARSED_DAYS } from './scenario.js';
import type { RehearsalResult } from './tally.js';

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Life', leastWidth: 4 },
  { title: 'Orders', leastWidth: 7, isNumber: true },
  { title: 'Peak a day', leastWidth: 10, isNumber: true },
  { title: 'Mean', leastWidth: 6, isNumber: true },
  { title: 'Ratio', leastWidth: 5, isNumber: true },
  { title: 'Least left', leastWidth: 10, isNumber: true },
  { title: 'Expired', leastWidth: 9, isNumber: true },
  { title: 'Limited nights', leastWidth: 14, isNumber: true },
];

/** Two in which renewals spread, and the one that is looked at; each is shorter than a life. */
const CYCLES_TO_SEE = 3;

/** A life as it is given on the command line: `90d`, `160h`. */
export function lifeWord(lifeMs: number): string {
  return lifeMs % DAY_MS === 0 ? `${lifeMs / DAY_MS}d` : `${Math.round(lifeMs / HOUR_MS)}h`;
}

/** One line a life, then what the columns mean and what else is to be known. */
export function* renderRehearsal(
  results: readonly RehearsalResult[],
  days: number,
  notes: readonly string[],
  width: number | null,
): Generator<string> {
  yield* renderColumns(COLUMNS, results.map(cellsOf), width);
  yield '';
  yield `${counted(results[0]?.websites ?? 0, 'website')}, ${counted(days, 'day')}. Peak and mean: orders a day from the third cycle on,`;
  yield 'incidents and outages apart. Least left: of the life of a certificate when it was replaced.';
  for (const note of notes) yield note;
  for (const result of results) yield* remarksOn(result, days);
}

function cellsOf(result: RehearsalResult): string[] {
  const { peak, mean, leastMarginMs, expired } = result;
  return [
    lifeWord(result.lifeMs),
    String(result.orders),
    peak === null ? '-' : String(peak),
    mean === null ? '-' : mean.toFixed(1),
    peak === null || mean === null || mean === 0 ? '-' : (peak / mean).toFixed(2),
    leastMarginMs === null ? '-' : leastMarginMs < 0 ? 'none' : spanOf(leastMarginMs),
    String(expired),
    String(result.rateLimitedNights),
  ];
}

function* remarksOn(result: RehearsalResult, days: number): Generator<string> {
  const life = lifeWord(result.lifeMs);
  const { expired, expiredInOutage, incidentHours, lifeMs, steadyFromDay } = result;
  const advice = `to see a whole one: --days ${Math.min(MOST_REHEARSED_DAYS, Math.ceil((CYCLES_TO_SEE * lifeMs) / DAY_MS))}`;
  if (result.peak === null || steadyFromDay === null) {
    yield `${life}: the third cycle does not begin within these days; ${advice}.`;
  } else if ((days - steadyFromDay) * DAY_MS < lifeMs / 2) {
    yield `${life}: only ${counted(days - steadyFromDay, 'day')} of the third cycle, which say little; ${advice}.`;
  }
  const other = expired - expiredInOutage;
  if (expiredInOutage > 0) {
    yield `${life}: ${counted(expiredInOutage, 'certificate')} expired because every CA was away for longer than there was time.`;
  }
  if (other > 0) {
    yield `${life}: ${counted(other, 'certificate')} expired although a CA could be reached: limits hold back more than they let through.`;
  }
  for (const hours of incidentHours) {
    if (hours === null) yield `${life}: what an incident called back was not all replaced.`;
    else if (hours === 0) yield `${life}: an incident called nothing back.`;
    else yield `${life}: what an incident called back was replaced within ${hours.toFixed(1)} hours.`;
  }
}
