import type { ApiFunction } from '../../function.js';
import { required } from '../../parameter.js';
import { instant, list, object, orNull, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

const BY_DOMAIN = object({
  problems_by_domain: list(object({ domain: text, log: orNull(text), problem: text, time: instant })),
});

/** What the last runs found wrong (behaviour sections 6 and 9.3). */
export const PROBLEM_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'get_autossl_problems_for_user',
    help: 'What the last runs found wrong with the names of one account.',
    parameters: [required('username', 'the account')],
    data: BY_DOMAIN,
    load: async () => (await import('../problems.js')).getProblemsForUser,
  },
  {
    name: 'get_autossl_problems_for_domain',
    help: 'What the last runs found wrong with one name.',
    parameters: [required('domain', 'the name')],
    data: BY_DOMAIN,
    load: async () => (await import('../problems.js')).getProblemsForDomain,
  },
];
