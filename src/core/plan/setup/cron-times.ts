/** The hands of a clock somewhere. */
export interface WallTime {
  readonly minute: number;
  readonly hour: number;
  /** 1 to 31. */
  readonly day: number;
  /** 1 to 12. */
  readonly month: number;
  /** 0 to 6, from Sunday on. */
  readonly weekday: number;
}

/** When an entry of cron's starts its command. */
export interface CronTimes {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Either of days and weekdays will do; crontab(5): both are restricted. */
  readonly isEitherDay: boolean;
}

/** crontab(5); `@reboot` is no time. */
const WORDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE_MS = 60_000;
const MINUTES_PER_HOUR = 60;
/** A leap day comes once in four years, and no rarer one is looked for. */
const MOST_DAYS = 4 * 366;

/** The five fields, or the word for them; undefined when they say no time. */
export function parseCronTimes(fields: string): CronTimes | undefined {
  const [minute = '', hour = '', day = '', month = '', weekday = '', ...more] = (
    WORDS[fields.toLowerCase()] ?? fields
  ).split(' ');
  const minutes = parseField(minute, 0, 59);
  const hours = parseField(hour, 0, 23);
  const days = parseField(day, 1, 31);
  const months = parseField(month, 1, 12, MONTHS);
  const weekdays = parseField(weekday, 0, 7, WEEKDAYS);
  if (minutes === undefined || hours === undefined || days === undefined) return undefined;
  if (months === undefined || weekdays === undefined || more.length > 0) return undefined;
  return {
    ...{ minutes, hours, days, months },
    weekdays: new Set([...weekdays].map((one) => one % WEEKDAYS.length)),
    isEitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  };
}

/** A list of numbers and ranges, each with a step or without: `*`, `1,15-45/10`, `mon-fri`. */
function parseField(
  text: string,
  least: number,
  most: number,
  names: readonly string[] = [],
): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  const numberOf = (word: string): number => {
    const place = names.indexOf(word.toLowerCase());
    return place >= 0 ? place + least : /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  };
  for (const part of text.split(',')) {
    const [, first = '', last, step] = /^(\*|[0-9a-z]+)(?:-([0-9a-z]+))?(?:\/(\d{1,2}))?$/i.exec(part) ?? [];
    const from = first === '*' ? least : numberOf(first);
    const to =
      first === '*' ? most : last === undefined ? (step === undefined ? from : most) : numberOf(last);
    const by = Number(step ?? 1);
    const isRange =
      from >= least && to <= most && from <= to && by > 0 && (first !== '*' || last === undefined);
    if (!isRange) return undefined;
    for (let one = from; one <= to; one += by) found.add(one);
  }
  return found;
}

/**
 * The first instant after `now` at which cron starts it, by the clock that `wallOf` reads; null: there is none within four
 * years. An hour that a clock leaves out has no instant, one that comes twice has its first.
 */
export function nextCronTime(times: CronTimes, now: Date, wallOf: (at: Date) => WallTime): Date | null {
  const { minutes, hours, days, months, weekdays, isEitherDay } = times;
  const end = now.getTime() + MOST_DAYS * 24 * MINUTES_PER_HOUR * MINUTE_MS;
  let at = Math.floor(now.getTime() / MINUTE_MS + 1) * MINUTE_MS;
  while (at < end) {
    const wall = wallOf(new Date(at));
    const [isDay, isWeekday] = [days.has(wall.day), weekdays.has(wall.weekday)];
    const isToday = months.has(wall.month) && (isEitherDay ? isDay || isWeekday : isDay && isWeekday);
    if (isToday && hours.has(wall.hour) && minutes.has(wall.minute)) return new Date(at);
    // Clocks are set forth and back at full hours, or halves of them: an hour is as far as may be leapt.
    const isHour = isToday && hours.has(wall.hour);
    at += (isHour ? 1 : MINUTES_PER_HOUR - wall.minute) * MINUTE_MS;
  }
  return null;
}
