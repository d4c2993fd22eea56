import { printable } from '../../domain/name/names.js';
import type { PlannedAction } from '../../plan/action.js';
import type { Forecast } from '../check/check-report.js';
import { type Column, renderColumns } from '../text/columns.js';
import { shortInstant } from '../text/log-instant.js';
import { counted } from '../text/wording.js';

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Account', leastWidth: 7 },
  { title: 'Website', leastWidth: 15 },
  { title: 'Action', leastWidth: 11 },
  { title: 'Names', leastWidth: 5, isNumber: true },
  { title: 'Because', leastWidth: 12 },
  { title: 'Due', leastWidth: 20 },
];

/** What the next run does, in the order of its work, and one line that counts; every name still has to pass its validation. */
export function* renderPlanTable({ plan }: Forecast, width: number | null): Generator<string> {
  if (plan.actions.length > 0) yield* renderColumns(COLUMNS, plan.actions.map(cellsOf), width);
  const { websites, kept } = plan.counts;
  yield `${counted(plan.actions.length, 'action')} planned at ${printable(plan.provider)}, ${kept} of ${counted(websites, 'website')} kept.`;
}

function cellsOf({ account, vhost, kind, names, leftOut, because, dueAt }: PlannedAction): string[] {
  const count = leftOut.length === 0 ? `${names.length}` : `${names.length}/${names.length + leftOut.length}`;
  const reasons = because.map(({ code }) => code).join(', ');
  return [account, vhost, kind, count, reasons, dueAt === null ? 'now' : shortInstant(dueAt)].map(printable);
}
