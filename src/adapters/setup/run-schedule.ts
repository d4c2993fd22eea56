import { readCronEntries } from '../../core/plan/setup/setup-files.js';
import type { RunSchedule } from '../../core/report/why/run-schedule.js';
import { readTextFile } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

/** A file of a few lines. */
const MAX_CRON_BYTES = 1024 * 1024;

/** The schedule with the five fields of the cron entry as they are there; null: there is no entry. */
export interface ReadSchedule extends RunSchedule {
  readonly fields: string | null;
}

/** When this server's cron starts the next nightly run, as the file of `autossl setup --cron` says now, in cron's local time. */
export async function readRunSchedule(tree: Tree, now: Date): Promise<ReadSchedule> {
  const text = await readTextFile(tree.cronFile(), MAX_CRON_BYTES).catch(() => undefined);
  const { nightly, fields, isPolled } = readCronEntries(text ?? '');
  if (nightly === null) return { nextRunAt: null, fields, isPolled };
  const next = new Date(now);
  next.setHours(nightly.hour, nightly.minute, 0, 0);
  if (next <= now) next.setDate(next.getDate() + 1);
  return { nextRunAt: next, fields, isPolled };
}
