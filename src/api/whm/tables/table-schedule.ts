import type { ApiFunction } from '../../function.js';
import { instant, list, object, orNull, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

/** When runs happen by themselves (behaviour section 14). */
export const SCHEDULE_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'get_autossl_check_schedule',
    help: 'When the nightly run starts, by the entries that cron has.',
    parameters: [],
    data: object({ cron: list(text), next_time: orNull(instant) }),
    load: async () => (await import('../schedule.js')).getCheckSchedule,
  },
];
