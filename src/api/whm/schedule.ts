import { quoteForMessage } from '../../core/domain/name/names.js';
import type { CheckSchedule } from '../../runs/manage/check-schedule.js';
import type { ApiHandler } from '../function.js';
import type { WhmHost } from './host.js';

/** `get_autossl_check_schedule`. */
export const getCheckSchedule: ApiHandler<WhmHost> = async (_, host) => {
  const schedule = await (await host.openSchedule())();
  const { entries, nextRunAt } = schedule;
  return {
    data: { cron: entries, next_time: nextRunAt?.toISOString() ?? null },
    warnings: warningsOf(schedule),
  };
};

function warningsOf({ entries, unclear, zones }: CheckSchedule): readonly string[] {
  if (entries.length === 0) return ['No nightly run is set up. To set one up: autossl setup --cron'];
  return [
    ...unclear.map((fields) => `When the entry ${quoteForMessage(fields)} starts a run is not known.`),
    ...zones.map(
      (zone) =>
        `The time is that of CRON_TZ (${quoteForMessage(zone)}), which cronie obeys; the cron of Debian does not, and takes this server’s own.`,
    ),
  ];
}
