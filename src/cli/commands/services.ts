import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { parseServiceName } from '../../core/domain/service/service-name.js';
import { renderServiceDetails, renderServicesOverview } from '../../core/report/services/service-table.js';
import { listServices } from '../../runs/services/manage/list-services.js';
import { openManageHost } from '../host/services/services-manage.js';
import { painter } from '../paint.js';

export interface ListServicesFlags {
  readonly details?: string;
  readonly json?: boolean;
}

/** `autossl services [list] [--details SERVICE] [--json]`: what each service of this server has. */
export async function listServicesCommand(
  words: readonly string[],
  flags: ListServicesFlags,
): Promise<number> {
  const [word] = words;
  if (word !== undefined) {
    throw new UsageError('BAD_ARGUMENT', `autossl services has no command ${quoteForMessage(word)}`, {
      advice: 'There are: list, install, reset, apply, rollback, restart; of one service: --details SERVICE.',
    });
  }
  const only = flags.details === undefined ? [] : [parseServiceName(flags.details)];
  const host = await openManageHost(process.env, process.getuid?.() ?? 0);
  const overview = await listServices(only, host);
  const { stdout } = process;
  if (flags.json === true) stdout.write(`${JSON.stringify(overview, null, 2)}\n`);
  else if (only.length > 0) stdout.write(overview.services.map(renderServiceDetails).join('\n'));
  else {
    const width = stdout.isTTY === true ? stdout.columns : null;
    for (const line of renderServicesOverview(overview, width, await painter(stdout)))
      stdout.write(`${line}\n`);
  }
  return overview.exitCode;
}
