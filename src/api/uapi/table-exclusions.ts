import type { ExclusionChange } from '../../runs/manage/exclusions.js';
import { optional, required } from '../parameter.js';
import { list, object, text } from '../shape.js';
import type { UapiRow } from './function.js';

function changing(change: ExclusionChange, help: string, isRequired: boolean): UapiRow {
  return {
    name: `${change}_autossl_excluded_domains`,
    help,
    parameters: [(isRequired ? required : optional)('domains', 'names, with commas between them')],
    data: null,
    rights: 'sudo',
    load: async () => (await import('./exclusions.js')).changingExclusions(change),
  };
}

/** Names that are left out of the account's certificates (behaviour section 9.5). */
export const EXCLUSION_FUNCTIONS: readonly UapiRow[] = [
  {
    name: 'get_autossl_excluded_domains',
    help: 'The names that are left out of certificates.',
    parameters: [],
    data: list(object({ excluded_domain: text })),
    rights: 'sudo',
    load: async () => (await import('./exclusions.js')).getExclusions,
  },
  changing('add', 'Leave further names out.', true),
  changing('remove', 'No longer leave these names out.', true),
  changing('set', 'Leave out these names and no others; without domains: none.', false),
];
