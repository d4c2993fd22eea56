import type { ApiFunction } from '../../function.js';
import { required } from '../../parameter.js';
import { integer, object } from '../../shape.js';
import type { WhmHost } from '../host.js';

const PID = object({ pid: integer });

/** Runs of autossl_check in the background. */
export const CHECK_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'start_autossl_check_for_all_users',
    help: 'Start a check of all accounts in the background.',
    parameters: [],
    data: PID,
    load: async () => (await import('../checks.js')).startCheckForAllUsers,
  },
  {
    name: 'start_autossl_check_for_one_user',
    help: 'Start a check of one account in the background.',
    parameters: [required('username', 'the account')],
    data: PID,
    load: async () => (await import('../checks.js')).startCheckForOneUser,
  },
];
