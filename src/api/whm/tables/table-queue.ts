import type { ApiFunction } from '../../function.js';
import { required } from '../../parameter.js';
import { instant, list, object, orNull, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

const BY_DOMAIN = object({
  queue_by_domain: list(
    object({
      domain: text,
      last_poll_time: orNull(instant),
      order_item_id: text,
      request_time: instant,
      vhost_name: text,
    }),
  ),
});

/** Orders that are not finished (behaviour section 5): one row a name. */
export const QUEUE_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'get_autossl_pending_queue',
    help: 'The names of all orders that are not finished.',
    parameters: [],
    data: object({
      pending_certificates: list(
        object({ domain: text, order_item_id: text, request_time: instant, user: text, virtual_host: text }),
      ),
    }),
    load: async () => (await import('../pending-queue.js')).getPendingQueue,
  },
  {
    name: 'get_autossl_pending_queue_for_domain',
    help: 'The unfinished orders of one name.',
    parameters: [required('domain', 'the name')],
    data: BY_DOMAIN,
    load: async () => (await import('../pending-queue.js')).getPendingQueueForDomain,
  },
  {
    name: 'get_autossl_pending_queue_for_user',
    help: 'The unfinished orders of one account.',
    parameters: [required('username', 'the account')],
    data: BY_DOMAIN,
    load: async () => (await import('../pending-queue.js')).getPendingQueueForUser,
  },
];
