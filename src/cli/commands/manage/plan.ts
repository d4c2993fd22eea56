import { parseAccountName } from '../../../core/domain/account/account-name.js';
import { problemLines } from '../../../core/report/check/check-report.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import { renderPlanTable } from '../../../core/report/tables/plan-table.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { forecastCheck } from '../../../runs/check/check-websites.js';
import { openCheckHost } from '../../host/check/check.js';
import { printLines, terminalWidth } from '../../table-output.js';

export interface PlanFlags {
  readonly user?: string;
  readonly reissue?: boolean;
  readonly json?: boolean;
}

const DISABLED =
  'autossl: AutoSSL is disabled on this server, nothing is planned. To enable it: autossl provider use NAME';

/** `autossl plan`: what `autossl_check --dry-run` says, as a table. Gives its exit code. */
export async function planCommand(flags: PlanFlags): Promise<number> {
  const user = flags.user === undefined ? null : parseAccountName(flags.user);
  const host = await openCheckHost(process.env, process.getuid?.() ?? 0);
  if (host === null) {
    process.stderr.write(`${DISABLED}\n`);
    if (flags.json === true) {
      const nothing = { plan: null, exitCode: EXIT.done, problems: [] };
      await printLines(renderJsonDocument({ schemaVersion: 1, ...nothing }));
    }
    return EXIT.done;
  }
  try {
    const scope = { user, isReissueAsked: flags.reissue === true };
    const forecast = await forecastCheck(scope, host, () => undefined);
    if (flags.json === true) await printLines(renderJsonDocument({ schemaVersion: 1, ...forecast }));
    else {
      await printLines(problemLines(forecast.problems));
      await printLines(renderPlanTable(forecast, terminalWidth()));
    }
    return forecast.exitCode;
  } finally {
    await host.close();
  }
}
