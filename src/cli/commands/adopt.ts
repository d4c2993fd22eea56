import { parseAccountName } from '../../core/domain/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/names.js';
import type { WebServerKind } from '../../core/plan/server-site.js';
import { renderAdoptionPlan, renderAdoptionResults } from '../../core/report/adoption-report.js';
import { adoptWebsites } from '../../runs/adopt-websites.js';
import { openAdoptionHost } from '../host/adoption.js';

export interface AdoptFlags {
  readonly from: string;
  readonly apply?: boolean;
  readonly user?: string;
  readonly json?: boolean;
}

/** `autossl adopt --from SERVER [--apply]`: shows what the server's configuration has, and with `--apply` writes it. */
export async function adoptCommand(flags: AdoptFlags): Promise<number> {
  const from = parseServer(flags.from);
  const user = flags.user === undefined ? null : parseAccountName(flags.user);
  const isDryRun = flags.apply !== true;
  const isJson = flags.json === true;
  const host = await openAdoptionHost(process.env, process.getuid?.() ?? 0, from);
  const report = await adoptWebsites({ from, user, isDryRun }, host, (plan) => {
    if (!isJson) process.stdout.write(renderAdoptionPlan(plan));
  });
  for (const { warnings } of report.results) {
    for (const warning of warnings) process.stderr.write(`autossl: warning: ${warning}\n`);
  }
  if (isJson) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else if (report.isApplied) process.stdout.write(`\n${renderAdoptionResults(report.results)}`);
  else process.stdout.write(`\nNothing was written. To write it: autossl adopt --from ${from} --apply\n`);
  return report.exitCode;
}

/** @throws UsageError BAD_ARGUMENT */
function parseServer(text: string): WebServerKind {
  if (text === 'nginx' || text === 'apache') return text;
  throw new UsageError('BAD_ARGUMENT', `${quoteForMessage(text)} is no server that can be read`, {
    advice: 'There are: nginx, apache.',
  });
}
