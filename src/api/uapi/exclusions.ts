import { type ExclusionChange, listExclusions, notExcluded } from '../../runs/manage/exclusions.js';
import { changeOwnExclusions } from '../../runs/manage/own-exclusions.js';
import type { ApiHandler } from '../function.js';
import type { UapiHost } from './host.js';

/** `get_autossl_excluded_domains`. */
export const getExclusions: ApiHandler<UapiHost> = async (_, host) => {
  const exclusions = await listExclusions(host.account, await host.openExclusions());
  return { data: { rows: exclusions.map(({ name }) => ({ excluded_domain: name })) }, rows: 'rows' };
};

/** `add_…`, `remove_…` and `set_autossl_excluded_domains`. */
export function changingExclusions(change: ExclusionChange): ApiHandler<UapiHost> {
  return async (given, host) => {
    const domains = given.names('domains', ',');
    const wish = { account: host.account, change, domains, by: host.askedBy };
    const { absent } = await changeOwnExclusions(wish, await host.openExclusions());
    return { warnings: absent.map(notExcluded) };
  };
}
