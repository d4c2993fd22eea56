import { printable } from '../../../core/domain/name/names.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import { renderForgottenStops } from '../../../core/report/tables/forgotten-stops.js';
import { renderLimits } from '../../../core/report/tables/limits-table.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { withAdvice } from '../../../core/report/text/wording.js';
import { forgetStops } from '../../../runs/manage/forget-stops.js';
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

/** `autossl limits --forget`: what was lifted. @throws UsageError UNKNOWN_PROVIDER, StateError */
export async function forgetLimitsCommand(provider: string | null, isJson: boolean): Promise<number> {
  const { openForgettingHost } = await import('../../host/manage/forget-limits.js');
  const forgotten = await forgetStops(
    provider,
    await openForgettingHost(process.env, process.getuid?.() ?? 0),
  );
  if (isJson) await printLines(renderJsonDocument({ schemaVersion: 1, forgotten }));
  else await printLines(renderForgottenStops(forgotten));
  return EXIT.done;
}
