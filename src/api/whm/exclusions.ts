import {
  changeExclusions,
  type ExclusionChange,
  listExclusions,
  notExcluded,
} from '../../runs/manage/exclusions.js';
import type { ApiHandler } from '../function.js';
import type { WhmHost } from './host.js';

/** Who asks through whmapi1. */
const ROOT = 'root';

/** `get_autossl_user_excluded_domains`. */
export const getExclusions: ApiHandler<WhmHost> = async (given, host) => {
  const exclusions = await listExclusions(given.text('username'), await host.openExclusions());
  return { data: { payload: exclusions.map(({ name }) => ({ excluded_domain: name })) }, rows: 'payload' };
};

/** `add_…`, `remove_…` and `set_autossl_user_excluded_domains`. */
export function changingExclusions(change: ExclusionChange): ApiHandler<WhmHost> {
  return async (given, host) => {
    const { unknown, absent } = await changeExclusions(
      given.text('username'),
      change,
      given.names('domain'),
      ROOT,
      await host.openExclusions(),
    );
    return {
      warnings: [
        ...unknown.map((name) => `No website of this account is called ${name}.`),
        ...absent.map(notExcluded),
      ],
    };
  };
}
