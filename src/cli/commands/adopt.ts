import { parseAccountName } from '../../core/domain/account/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import type { WebServerKind } from '../../core/plan/served/server-site.js';
import { renderAdoptionPlan, renderAdoptionResults } from '../../core/report/adoption-report.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { adoptWebsites } from '../../runs/adopt-websites.js';
import { offerNames } from '../../runs/sni/offer-names.js';
import { openOwnSni } from '../host/sni.js';
import { openAdoptionHost } from '../host/websites/adoption.js';
import { stopSignal } from '../stop-signal.js';

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
  const faults = report.isApplied ? await offerAdopted() : [];
  if (isJson) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else if (report.isApplied) process.stdout.write(`\n${renderAdoptionResults(report.results)}`);
  else process.stdout.write(`\nNothing was written. To write it: autossl adopt --from ${from} --apply\n`);
  return faults.length > 0 ? EXIT.failed : report.exitCode;
}

/** Mail and FTP answer with what was adopted too; gives what failed, which is told. */
async function offerAdopted(): Promise<readonly RunEvent[]> {
  const faults: RunEvent[] = [];
  const { host } = await openOwnSni(process.env, process.getuid?.() ?? 0);
  const record = (...events: readonly RunEvent[]): void => {
    faults.push(...events.filter(({ fault }) => fault === 'ours'));
  };
  await offerNames(host, record, stopSignal());
  for (const { contents } of faults) process.stderr.write(`autossl: ${contents}\n`);
  return faults;
}

/** @throws UsageError BAD_ARGUMENT */
function parseServer(text: string): WebServerKind {
  if (text === 'nginx' || text === 'apache') return text;
  throw new UsageError('BAD_ARGUMENT', `${quoteForMessage(text)} is no server that can be read`, {
    advice: 'There are: nginx, apache.',
  });
}
