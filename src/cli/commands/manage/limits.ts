import { printable } from '../../../core/domain/name/names.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import { renderLimits } from '../../../core/report/tables/limits-table.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { withAdvice } from '../../../core/report/text/wording.js';
import { readLimits } from '../../../runs/manage/limits.js';
import { openLimitsHost } from '../../host/manage/limits.js';
import { printLines, terminalWidth } from '../../table-output.js';

/** `autossl limits`. Gives 1 when a record cannot be read. */
export async function limitsCommand(isJson: boolean, isPlanAsked: boolean): Promise<number> {
  const limits = await readLimits(await openLimitsHost(process.env, process.getuid?.() ?? 0), {
    isPlanAsked,
  });
  if (isJson) await printLines(renderJsonDocument(limits));
  else {
    await printLines(renderLimits(limits, terminalWidth()));
    await printLines(
      limits.faults.map(({ message, advice }) => `fault: ${printable(withAdvice(message, advice))}`),
    );
  }
  return limits.faults.length === 0 ? EXIT.done : EXIT.failed;
}
