import type { RunEvent } from '../../core/report/events/event.js';
import { renderServicesForecast, renderServicesReport } from '../../core/report/services/services-report.js';
import { renderText } from '../../core/report/text/text.js';
import { checkServices, forecastServices } from '../../runs/services/check-services.js';
import { runAgainLater } from '../../runs/services/run-again.js';
import { openBase } from '../host/base.js';
import { openCheckHostOn } from '../host/check/check.js';
import { JOB_FOLDER, openRetryHost } from '../host/retry.js';
import { openServicesHost } from '../host/services/services-check.js';
import { painter } from '../paint.js';
import { stopSignal } from '../stop-signal.js';

export interface CheckServicesFlags {
  readonly allowRetry?: boolean;
  /** Commander's way of `--no-retry`: false when it is given. */
  readonly retry?: boolean;
  readonly verbose?: boolean;
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

/** Carries out `checkallsslcerts` and gives its exit code; `invoked` is the path of the program that runs (`argv[1]`). */
export async function runCheckServices(flags: CheckServicesFlags, invoked: string): Promise<number> {
  const base = await openBase(process.env, process.getuid?.() ?? 0);
  const ordering = await openCheckHostOn(base);
  try {
    const host = await openServicesHost(base, ordering);
    const isJson = flags.json === true;
    const listen = await verboseListener(flags);
    if (flags.dryRun === true) {
      const forecast = await forecastServices(host, listen);
      print(isJson ? jsonOf(forecast) : renderServicesForecast(forecast));
      return forecast.exitCode;
    }
    const isRetryWanted = flags.allowRetry === true && flags.retry !== false;
    const scope = {
      scheduleRetry: isRetryWanted
        ? () =>
            // A job's PATH may have another node, or none.
            runAgainLater([process.execPath, invoked], openRetryHost(process.env, invoked, JOB_FOLDER))
        : null,
      signal: stopSignal(),
    };
    const report = await checkServices(scope, host, listen);
    print(isJson ? jsonOf(report) : renderServicesReport(report));
    return report.exitCode;
  } finally {
    await ordering?.close();
  }
}

/** With `--verbose` every log line goes to stderr as it is written; data keeps stdout. */
async function verboseListener(flags: CheckServicesFlags): Promise<(event: RunEvent) => void> {
  if (flags.verbose !== true) return () => undefined;
  const paint = await painter(process.stderr);
  return (event) => {
    process.stderr.write(`${paint(event.type, renderText(event))}\n`);
  };
}

function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function print(text: string): void {
  process.stdout.write(text);
}
