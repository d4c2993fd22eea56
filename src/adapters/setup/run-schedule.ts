import { nextCronTime, type WallTime } from '../../core/plan/setup/cron-times.js';
import { type CronEntry, readCronEntries } from '../../core/plan/setup/setup-files.js';
import type { RunSchedule } from '../../core/report/why/run-schedule.js';
import { readTextFile } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

/** A file of a few lines. */
const MAX_CRON_BYTES = 1024 * 1024;

/** The schedule with what cron's entries say. */
export interface ReadSchedule extends RunSchedule {
  /** The five fields of each, or the word that stands for them. */
  readonly entries: readonly string[];
  /** Those of which nobody knows when they start something: `@reboot`, a zone that there is not. */
  readonly unclear: readonly string[];
  /** What CRON_TZ says above entries. */
  readonly zones: readonly string[];
}

/** When this server's cron starts the next nightly run, as the file of `autossl setup --cron` says now. */
export async function readRunSchedule(tree: Tree, now: Date): Promise<ReadSchedule> {
  const text = await readTextFile(tree.cronFile(), MAX_CRON_BYTES).catch(() => undefined);
  const { nightly, isPolled } = readCronEntries(text ?? '');
  const nextAfter = (at: Date): Date | null => earliest(nightly.map((entry) => nextOf(entry, at)));
  return {
    nextRunAt: nextAfter(now),
    runAtOrAfter: (at) => nextAfter(new Date(at.getTime() - 1)),
    entries: nightly.map(({ fields }) => fields),
    unclear: nightly.filter((entry) => nextOf(entry, now) === null).map(({ fields }) => fields),
    zones: [...new Set(nightly.flatMap(({ zone }) => zone ?? []))],
    isPolled,
  };
}

function nextOf({ times, zone }: CronEntry, at: Date): Date | null {
  if (times === undefined) return null;
  const clock = zone === null ? localWall : clockIn(zone);
  return clock === undefined ? null : nextCronTime(times, at, clock);
}

function earliest(instants: readonly (Date | null)[]): Date | null {
  const known = instants.flatMap((one) => one?.getTime() ?? []);
  return known.length === 0 ? null : new Date(Math.min(...known));
}

function localWall(at: Date): WallTime {
  return {
    minute: at.getMinutes(),
    hour: at.getHours(),
    day: at.getDate(),
    month: at.getMonth() + 1,
    weekday: at.getDay(),
  };
}

/** Undefined: there is no such zone. */
function clockIn(zone: string): ((at: Date) => WallTime) | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    });
  } catch {
    return undefined;
  }
  return (at) => {
    const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 1, day = 1] = [part.get('year'), part.get('month'), part.get('day')];
    return {
      minute: part.get('minute') ?? 0,
      hour: part.get('hour') ?? 0,
      ...{ day, month },
      weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    };
  };
}
