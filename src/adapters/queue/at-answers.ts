import type { JobAnswer, JobRefusal } from '../../core/retry/outcome.js';
import type { CommandResult } from '../system/exec.js';

/** `job 12 at Sun Nov 22 08:05:00 2026`: ctime's form, in local time (at prints so in the locale C). */
const QUEUED = /^job (\d+) at (.+)$/m;
/** Said of every job. */
const ALWAYS_SAID = /^warning: commands will be executed using /;
/** at 3.2: without a pid file, and with one that is out of date. */
const DAEMON_MISSING = /No atd running|at daemon not running/i;
/** `12<TAB>Sun Nov 22 08:05:00 2026 a root`; the queue `=` means that it runs. */
const LISTED = /^(\d+)\t(\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}) (\S) (\S+)$/;
const RUNNING = '=';
const CTIME = /^\w{3} (\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** What `at` answered to a job. */
export function answerOf(result: CommandResult): JobAnswer {
  const [, id, when] = QUEUED.exec(result.stderr) ?? [];
  if (result.exitCode !== 0 || id === undefined || when === undefined) return refusalOf(result);
  const runsAt = instantOf(when);
  if (runsAt === undefined) return { state: 'refused', why: 'failed', said: result.stderr.trim() };
  const others = linesOf(result.stderr).filter((line) => !QUEUED.test(line) && !ALWAYS_SAID.test(line));
  const warnings = others.filter((line) => !DAEMON_MISSING.test(line));
  return {
    state: 'queued',
    id,
    runsAt,
    isDaemonRunning: warnings.length === others.length,
    warning: warnings.length === 0 ? null : warnings.join('; '),
  };
}

/** Why `at` did nothing. */
export function refusalOf({ startFault, hasTimedOut, stderr }: CommandResult): JobRefusal {
  const said = linesOf(stderr)
    .filter((line) => !ALWAYS_SAID.test(line))
    .join('; ');
  const refused = (why: JobRefusal['why'], words = said): JobRefusal => ({
    state: 'refused',
    why,
    said: words,
  });
  if (startFault !== null) return refused('no-at', startFault);
  if (hasTimedOut) return refused('failed', 'at(1) did not end in time');
  if (/do not have permission to use at/i.test(said)) return refused('not-permitted');
  if (/in the past/i.test(said)) return refused('past');
  if (/garbled time|syntax error|incomplete time/i.test(said)) return refused('bad-time');
  return refused('failed', said === '' ? 'at(1) failed and did not say why' : said);
}

/** Jobs of one user that wait, as `at -l` lists them; by instant, then by number. */
export function waitingJobs(
  listing: string,
  user: string,
): readonly { readonly id: string; readonly runsAt: Date }[] {
  return linesOf(listing)
    .flatMap((line) => {
      const [, id, when, queue, owner] = LISTED.exec(line) ?? [];
      const runsAt = when === undefined ? undefined : instantOf(when);
      if (id === undefined || runsAt === undefined || queue === RUNNING || owner !== user) return [];
      return [{ id, runsAt }];
    })
    .sort((one, other) => one.runsAt.getTime() - other.runsAt.getTime() || Number(one.id) - Number(other.id));
}

function instantOf(text: string): Date | undefined {
  const [, month = '', day, hours, minutes, seconds, year] = CTIME.exec(text) ?? [];
  const index = MONTHS.indexOf(month) / month.length;
  if (year === undefined || !Number.isInteger(index) || index < 0) return undefined;
  return new Date(Number(year), index, Number(day), Number(hours), Number(minutes), Number(seconds));
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}
