import { startCheckOf, startCheckOfAll } from '../../runs/manage/start-check.js';
import type { ApiHandler } from '../function.js';
import type { WhmHost } from './host.js';

/** `start_autossl_check_for_all_users`. */
export const startCheckForAllUsers: ApiHandler<WhmHost> = async (_, host) => ({
  data: { pid: await startCheckOfAll(await host.openChecks()) },
});

/** `start_autossl_check_for_one_user`. */
export const startCheckForOneUser: ApiHandler<WhmHost> = async (given, host) => ({
  data: { pid: await startCheckOf(given.text('username'), await host.openChecks()) },
});
