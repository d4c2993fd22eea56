import { optional, repeated, required } from '../parameter.js';
import { flag, list, object, orNull, text } from '../shape.js';
import type { UapiRow } from './function.js';

const DOMAIN = repeated(required('domain', 'a name of the account'));

/** Whether a CA could validate names, as far as this server can see (behaviour section 3). */
export const DCV_FUNCTIONS: readonly UapiRow[] = [
  {
    name: 'check_domains_via_http',
    help: 'Look at names over HTTP as a check does before it orders: a test file, fetched by each name.',
    parameters: [
      DOMAIN,
      optional('dcv_max_redirects', 'redirects that are followed; the provider’s number', 'integer'),
      optional('dcv_file_allowed_characters', 'not obeyed: a CA’s own form is used'),
      optional('dcv_file_extension', 'not obeyed'),
      optional('dcv_file_random_character_count', 'not obeyed'),
      optional('dcv_file_relative_path', 'not obeyed: the file lies in .well-known/acme-challenge'),
      optional('dcv_user_agent_string', 'not obeyed'),
    ],
    data: list(
      object({
        domain: text,
        succeeded: flag,
        failure_reason: orNull(text),
        redirects: list(text),
      }),
    ),
    rights: 'sudo',
    load: async () => (await import('./dcv.js')).checkDomainsViaHttp,
  },
  {
    name: 'check_domains_via_dns',
    help: 'Look at names by DNS as a check does: a test record in each zone that this server edits.',
    parameters: [DOMAIN],
    data: list(
      object({
        domain: text,
        succeeded: flag,
        failure_reason: orNull(text),
        dcv_string: orNull(text),
        zone: orNull(text),
        query_results: list(text),
      }),
    ),
    rights: 'sudo',
    load: async () => (await import('./dcv.js')).checkDomainsViaDns,
  },
];
