import type { ExclusionChange } from '../../../runs/manage/exclusions.js';
import type { ApiFunction } from '../../function.js';
import { optional, repeated, required } from '../../parameter.js';
import { list, object, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

const USERNAME = required('username', 'the account');

function changing(change: ExclusionChange, help: string, isRequired: boolean): ApiFunction<WhmHost> {
  const domain = (isRequired ? required : optional)('domain', 'a name');
  return {
    name: `${change}_autossl_user_excluded_domains`,
    help,
    parameters: [USERNAME, repeated(domain)],
    data: null,
    load: async () => (await import('../exclusions.js')).changingExclusions(change),
  };
}

/** Names that are left out of certificates (behaviour section 2). */
export const EXCLUSION_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'get_autossl_user_excluded_domains',
    help: 'The names that are left out of certificates of an account.',
    parameters: [USERNAME],
    data: object({ payload: list(object({ excluded_domain: text })) }),
    load: async () => (await import('../exclusions.js')).getExclusions,
  },
  changing('add', 'Leave further names out.', true),
  changing('remove', 'No longer leave these names out.', true),
  changing('set', 'Leave out these names and no others; without domain: none.', false),
];
