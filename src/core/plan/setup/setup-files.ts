import { type CronTimes, parseCronTimes } from './cron-times.js';

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
  /** The lines that start autossl_check for all users, in their order. */
  readonly nightly: readonly CronEntry[];
  /** The poller is started. */
  readonly isPolled: boolean;
}

/** One line of it. */
export interface CronEntry {
  /** The five fields, or the word that stands for them (`@daily`). */
  readonly fields: string;
  /** Undefined: they say no time that we can tell (`@reboot`). */
  readonly times: CronTimes | undefined;
  /** CRON_TZ, which stands above it; null: this server's own. */
  readonly zone: string | null;
}

/** crontab(5), with the user. */
const ENTRY = /^\s*(@[a-z]+|(?:\S+\s+){4}\S+)\s+\S+\s+(.*)$/i;
/** A name of the environment, which stands for all lines below. */
const ZONE = /^\s*["']?CRON_TZ["']?\s*=\s*["']?([^"']*?)["']?\s*$/;

/** Reads what `cronFile` writes, and what people make of it. Lines of another form than crontab(5)'s are passed over. */
export function readCronEntries(text: string): CronEntries {
  const nightly: CronEntry[] = [];
  let isPolled = false;
  let zone: string | null = null;
  for (const line of text.split('\n')) {
    if (line.trimStart().startsWith('#')) continue;
    const said = ZONE.exec(line);
    if (said !== null) zone = said[1] || null;
    if (/\/autossl_check_queue'?(?:\s|$)/.test(line)) isPolled = true;
    const [, given = '', command = ''] = ENTRY.exec(line) ?? [];
    if (!/\/autossl_check'?\s.*--all/.test(command)) continue;
    const fields = given.trim().split(/\s+/).join(' ');
    nightly.push({ fields, times: parseCronTimes(fields), zone });
  }
  return { nightly, isPolled };
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
