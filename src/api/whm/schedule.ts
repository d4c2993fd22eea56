import type { ApiHandler } from '../function.js';
import type { WhmHost } from './host.js';

/** `get_autossl_check_schedule`. */
export const getCheckSchedule: ApiHandler<WhmHost> = async (_, host) => {
  const readSchedule = await host.openSchedule();
  const { fields, nextRunAt } = await readSchedule();
  const data = { cron: fields === null ? [] : [fields], next_time: nextRunAt?.toISOString() ?? null };
  if (nextRunAt !== null) return { data };
  return {
    data,
    warnings: [
      fields === null
        ? 'No nightly run is set up. To set one up: autossl setup --cron'
        : 'The entry names no single time of every day: the next run is not known.',
    ],
  };
};
