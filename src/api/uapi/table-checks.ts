import { required } from '../parameter.js';
import { flag, instant, list, object, orNull, text } from '../shape.js';
import type { UapiRow } from './function.js';

/** Checks of the account's websites: what they found, what is ordered, what they order (behaviour section 9.5). */
export const CHECK_FUNCTIONS: readonly UapiRow[] = [
  {
    name: 'start_autossl_check',
    help: 'Start a check of the account’s websites in the background.',
    parameters: [],
    data: null,
    rights: 'sudo',
    load: async () => (await import('./checks.js')).startCheck,
  },
  {
    name: 'is_autossl_check_in_progress',
    help: 'Whether a check that looks at the account’s websites is under way.',
    parameters: [],
    data: flag,
    rights: 'sudo',
    load: async () => (await import('./checks.js')).isInProgress,
  },
  {
    name: 'get_autossl_problems',
    help: 'What the latest check found wrong, name by name.',
    parameters: [],
    data: list(object({ domain: text, problem: text, time: instant })),
    rights: 'sudo',
    load: async () => (await import('./checks.js')).getProblems,
  },
  {
    name: 'get_autossl_pending_queue',
    help: 'The names of orders that are not finished.',
    parameters: [],
    data: list(
      object({
        domain: text,
        last_poll_time: orNull(instant),
        order_item_id: text,
        request_time: instant,
        vhost_name: text,
      }),
    ),
    rights: 'sudo',
    load: async () => (await import('./checks.js')).getPendingQueue,
  },
  {
    name: 'set_default_key_type',
    help: 'Choose the type of new keys, and start a check; tells how many certificates it touches.',
    parameters: [required('type', 'system, rsa-2048, rsa-4096, ecdsa-prime256v1 or ecdsa-secp384r1')],
    data: null,
    rights: 'sudo',
    load: async () => (await import('./key-type.js')).setDefaultKeyType,
  },
];
