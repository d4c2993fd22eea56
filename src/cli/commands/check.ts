import { parseAccountName } from '../../core/domain/account/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { renderPlan, renderReport } from '../../core/report/check/check-report.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { renderText } from '../../core/report/text/text.js';
import { checkWebsites, forecastCheck } from '../../runs/check/check-websites.js';
import { openCheckHost } from '../host/check/check.js';
import { painter } from '../paint.js';
import { openProgress } from '../progress.js';
import { stopSignal } from '../stop-signal.js';

export interface CheckFlags {
  readonly all?: boolean;
  readonly user?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly reissue?: boolean;
  readonly yesReally?: boolean;
}

/** Not data: with `--json` stdout stays empty. */
const DISABLED =
  'autossl_check: AutoSSL is disabled on this server, nothing was checked. To enable it: autossl provider use NAME';

/** Carries out `autossl_check` and gives its exit code. @throws AutosslError for what ends a run */
export async function runCheck(flags: CheckFlags): Promise<number> {
  const scope = scopeOf(flags);
  const host = await openCheckHost(process.env, process.getuid?.() ?? 0);
  if (host === null) {
    process.stderr.write(`${DISABLED}\n`);
    return EXIT.done;
  }
  const isJson = flags.json === true;
  try {
    if (flags.dryRun === true) {
      const forecast = await forecastCheck(scope, host, await verboseListener(flags));
      print(isJson ? `${JSON.stringify(forecast, null, 2)}\n` : renderPlan(forecast));
      return forecast.exitCode;
    }
    const progress = await openProgress(!isJson && flags.verbose !== true);
    const verbose = await verboseListener(flags);
    const listen = (event: RunEvent) => {
      progress.listen(event);
      verbose(event);
    };
    try {
      const wanted = { ...scope, isBrakeOverridden: flags.yesReally === true, signal: stopSignal() };
      const report = await checkWebsites(wanted, host, listen);
      progress.close();
      print(isJson ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
      return report.exitCode;
    } finally {
      progress.close();
    }
  } finally {
    await host.close();
  }
}

function scopeOf(flags: CheckFlags) {
  if (flags.all === true && flags.user !== undefined) {
    throw new UsageError('BAD_ARGUMENT', 'give either --all or --user NAME, not both');
  }
  if (flags.all !== true && flags.user === undefined) {
    throw new UsageError('NO_SCOPE', 'nothing to check: give --all or --user NAME');
  }
  return {
    user: flags.user === undefined ? null : parseAccountName(flags.user),
    isReissueAsked: flags.reissue === true,
  };
}

/** With `--verbose` every log line goes to stderr as it is written; data keeps stdout. */
async function verboseListener(flags: CheckFlags): Promise<(event: RunEvent) => void> {
  if (flags.verbose !== true) return () => undefined;
  const paint = await painter(process.stderr);
  return (event) => {
    process.stderr.write(`${paint(event.type, renderText(event))}\n`);
  };
}

function print(text: string): void {
  process.stdout.write(text);
}
