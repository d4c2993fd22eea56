import { parseAccountName } from '../../../core/domain/account/account-name.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import { LOG_SORTS, LOG_STATES, renderLogs, sortLogs } from '../../../core/report/tables/logs-table.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { listLogs, logLines } from '../../../runs/manage/logs.js';
import { oneOf } from '../../choice.js';
import { openLogsHost } from '../../host/manage/run-logs.js';
import { StandardOutput } from '../../standard-output.js';
import { stopSignal } from '../../stop-signal.js';
import { printLines, terminalWidth } from '../../table-output.js';

export interface LogsFlags {
  readonly user?: string;
  readonly state?: string;
  readonly sort?: string;
  readonly json?: boolean;
}

/** How a run of all accounts is listed. */
const EVERYBODY = '*';

/** `autossl logs`. */
export async function logsCommand(flags: LogsFlags): Promise<number> {
  const state = flags.state === undefined ? null : oneOf('--state', flags.state, LOG_STATES);
  const sort = oneOf('--sort', flags.sort ?? 'start', LOG_SORTS);
  const { logs } = openLogsHost(process.env, process.getuid?.() ?? 0);
  const listed = sortLogs(await listLogs({ user: flags.user ?? null, state }, logs), sort);
  if (listed.length === 0 && flags.user !== undefined && flags.user !== EVERYBODY) {
    const { assertIsAccount } = await import('../../host/manage/known-account.js');
    await assertIsAccount(parseAccountName(flags.user));
  }
  const document = { schemaVersion: 1, logs: listed };
  await printLines(flags.json === true ? renderJsonDocument(document) : renderLogs(listed, terminalWidth()));
  return EXIT.done;
}

export interface LogFlags {
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** `autossl log`. */
export async function logCommand(start: string, flags: LogFlags): Promise<number> {
  const host = openLogsHost(process.env, process.getuid?.() ?? 0);
  const out = new StandardOutput();
  const isFollowed = flags.follow === true;
  const format = flags.json === true ? 'json' : 'txt';
  for await (const line of logLines({ start, format, isFollowed, signal: stopSignal() }, host)) {
    await out.write(`${line}\n`);
    // Whoever follows sees each line at once.
    if (isFollowed) await out.flush();
  }
  await out.flush();
  return EXIT.done;
}
