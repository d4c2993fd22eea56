import { printable } from '../domain/name/names.js';
import { type Column, renderColumns } from '../report/text/columns.js';
import { counted } from '../report/text/wording.js';
import type { DoctorReport } from './finding.js';

/** Together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Check', leastWidth: 13 },
  { title: 'Health', leastWidth: 7 },
  { title: 'Found', leastWidth: 56 },
];

/** Mends what is safe to mend. */
const FIX = 'autossl doctor --fix';

/** One line for each finding; below them what to do, what was done, and the sum. */
export function* renderDoctor({ findings, mended }: DoctorReport, width: number | null): Generator<string> {
  const rows = findings.map(({ code, health, message }) => [code, health, printable(message)]);
  yield* renderColumns(COLUMNS, rows, width);
  yield '';
  for (const line of mended) yield `mended: ${printable(line)}`;
  const advised = new Set<string>();
  for (const { code, health, advice, isFixable } of findings) {
    if (health === 'ok' || advice === null || advised.has(`${code} ${advice}`)) continue;
    advised.add(`${code} ${advice}`);
    yield `${code}: ${printable(advice)}${isFixable && !advice.includes(FIX) ? `, or: ${FIX}` : ''}`;
  }
  const count = (health: string): number => findings.filter((one) => one.health === health).length;
  yield `${counted(count('fault'), 'fault')}, ${counted(count('warning'), 'warning')}, ${count('unknown')} unknown, ${count('ok')} fine.`;
}
