import { readLogRecords } from '../../runs/manage/logs.js';
import type { ApiHandler } from '../function.js';
import type { WhmHost } from './host.js';

/** `get_autossl_logs_catalog`. */
export const getLogsCatalog: ApiHandler<WhmHost> = async (_, host) => {
  const entries = await (await host.openLogs()).list();
  const payload = entries.map(({ startedAt, provider, username, isInProgress }) => ({
    start_time: startedAt,
    provider,
    username,
    in_progress: isInProgress ? 1 : 0,
  }));
  return { data: { payload }, rows: 'payload' };
};

/** `get_autossl_log`. */
export const getLog: ApiHandler<WhmHost> = async (given, host) => {
  const payload = await readLogRecords(given.text('start_time'), await host.openLogs());
  return { data: { payload }, rows: 'payload' };
};
