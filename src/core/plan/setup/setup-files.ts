/** When the nightly run starts, local time. */
export interface NightlyTime {
  readonly hour: number;
  readonly minute: number;
}

/** Where the programs of this installation lie. */
export interface ProgramPlaces {
  /** Absolute path of the node that runs them: cron's PATH may have another or none. */
  readonly node: string;
  /** Absolute path by name; only those that this installation has. */
  readonly programs: ReadonlyMap<string, string>;
  /** The private tree that they work on; null on a whole server. */
  readonly root: string | null;
}

/** Hours in which the documented nightly maintenance starts: 21:00 to 06:00 (behaviour section 14). */
const NIGHT_HOURS = [21, 22, 23, 0, 1, 2, 3, 4, 5] as const;
/** CAs are asked by half the world at full hours: minute 0 is left out. */
const MINUTES_PER_HOUR = 59;
const CRON_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A time of night from a random number (0 or more): spreads servers over the night. */
export function nightlyTimeFrom(random: number): NightlyTime {
  const place = random % (NIGHT_HOURS.length * MINUTES_PER_HOUR);
  return {
    hour: NIGHT_HOURS[Math.floor(place / MINUTES_PER_HOUR)] ?? 0,
    minute: 1 + (place % MINUTES_PER_HOUR),
  };
}

/**
 * `/etc/cron.d/cpanel_autossl`: the nightly run and, where this installation has these programs, that for the server's own
 * services and the poller of pending orders. Reports go to the run's log; cron mails what failed. Null when there is no program to run.
 */
export function cronFile(places: ProgramPlaces, nightly: NightlyTime): string | null {
  const check = places.programs.get('autossl_check');
  if (check === undefined) return null;
  const services = places.programs.get('checkallsslcerts');
  const poller = places.programs.get('autossl_check_queue');
  const command = (program: string, options = ''): string =>
    `${cronWord(places.node)} ${cronWord(program)}${options} >/dev/null`;
  return [
    '# Written by "autossl setup --cron", which keeps it up to date; "autossl setup --undo" takes it away.',
    'SHELL=/bin/sh',
    `PATH=${CRON_PATH}`,
    ...(places.root === null ? [] : [`AUTOSSL_ROOT="${places.root}"`]),
    // It mails what failed by itself.
    ...(services === undefined
      ? []
      : [`${nightly.minute} ${nightly.hour} * * * root ${command(services, ' --allow-retry')}`]),
    `${nightly.minute} ${nightly.hour} * * * root ${command(check, ' --all')} || echo "autossl_check ended with status $?: see the newest log in /var/cpanel/logs/autossl"`,
    ...(poller === undefined ? [] : [`*/5 * * * * root ${command(poller)}`]),
    '',
  ].join('\n');
}

/** What a cron file of ours starts, however it was changed by hand. */
export interface CronEntries {
  /** When autossl_check is started for all users each day; null: it is not, or not at one time of day. */
  readonly nightly: NightlyTime | null;
  /** The five fields of the first line that starts it for all users, whatever they say; null: there is none. */
  readonly fields: string | null;
  /** The poller is started. */
  readonly isPolled: boolean;
}

/** crontab(5), with the user. */
const ENTRY = /^\s*((?:[0-9*/,-]+\s+){2}(?:[0-9A-Za-z*/,-]+\s+){3})\S+\s+(.*)$/;
/** One minute and one hour of every day. */
const DAILY = /^(\d{1,2}) (\d{1,2}) \* \* \*$/;

/** Reads what `cronFile` writes. Lines of another form than crontab(5)'s are passed over. */
export function readCronEntries(text: string): CronEntries {
  let nightly: NightlyTime | null = null;
  let first: string | null = null;
  let isPolled = false;
  for (const line of text.split('\n')) {
    if (line.trimStart().startsWith('#')) continue;
    if (/\/autossl_check_queue'?(?:\s|$)/.test(line)) isPolled = true;
    const [, given = '', command = ''] = ENTRY.exec(line) ?? [];
    if (!/\/autossl_check'?\s.*--all/.test(command)) continue;
    const fields = given.trim().split(/\s+/).join(' ');
    first ??= fields;
    const [, minute = '', hour = ''] = DAILY.exec(fields) ?? [];
    if (minute === '') continue;
    if (Number(minute) < 60 && Number(hour) < 24) nightly ??= { hour: Number(hour), minute: Number(minute) };
  }
  return { nightly, fields: first, isPolled };
}

/**
 * A script for maintenance jobs, which does what a panel's nightly update did for certificates: services first, then
 * every website. Ends with the status of what failed last. Null when there is no program to run.
 */
export function maintenanceHook(places: ProgramPlaces): string | null {
  const check = places.programs.get('autossl_check');
  if (check === undefined) return null;
  const services = places.programs.get('checkallsslcerts');
  const line = (program: string, options: string): string =>
    `${shellWord(places.node)} ${shellWord(program)} ${options} || status=$?`;
  return [
    '#!/bin/sh',
    '# Written by "autossl setup --cron": call it at the end of a maintenance job. "autossl setup --undo" takes it away.',
    ...(places.root === null ? [] : [`AUTOSSL_ROOT=${shellWord(places.root)}`, 'export AUTOSSL_ROOT']),
    'status=0',
    ...(services === undefined ? [] : [line(services, '--allow-retry')]),
    line(check, '--all'),
    'exit "$status"',
    '',
  ].join('\n');
}

function shellWord(text: string): string {
  return /^[A-Za-z0-9_@+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** crontab(5): an unescaped `%` ends the command. */
function cronWord(text: string): string {
  return shellWord(text).replaceAll('%', '\\%');
}
