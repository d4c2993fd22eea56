import { StateError } from '../../core/domain/autossl-error.js';
import type { Problem } from '../../core/report/check/tally.js';
import { NAME_PAUSED } from '../../core/report/events/pause-events.js';
import { problemHistory } from '../../core/report/problems/history.js';
import { isWaiting } from '../../core/report/status/waiting.js';
import type { ProblemRecord } from '../ports/records.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';
import type { Survey } from './survey-websites.js';

/**
 * Writes each account's list anew. What is known of a website that only waits stays as it was: it was not looked at
 * closely enough to be cleared.
 */
export async function writeProblems(
  { accounts, broken }: Survey,
  problems: readonly Problem[],
  host: CheckHost,
  recorder: RunRecorder,
): Promise<void> {
  const byAccount = groupByAccount(problems);
  const unfinished = unfinishedIn(recorder);
  const unread = new Set(broken);
  for (const account of [...accounts, ...broken]) {
    const found = byAccount.get(account) ?? [];
    // That a name waits, or is paused, is told before the others are looked at.
    const judged = new Set(found.filter(({ code }) => !TOLD_FIRST.has(code)).map(({ vhost }) => vhost));
    const isFound = (one: ProblemRecord): boolean =>
      found.some(({ vhost, domain }) => vhost === one.vhost && domain === one.domain);
    const isOfUse = found.length + unfinished.size + unread.size > 0;
    const known = isOfUse ? await readKnown(account, host) : [];
    const kept = known.filter(
      (one) => (unfinished.has(one.vhost) || unread.has(account)) && !judged.has(one.vhost) && !isFound(one),
    );
    const records = recordsOf(found, known, host, recorder);
    await host.problems.write(account, [...records, ...kept]);
  }
}

const TOLD_FIRST: ReadonlySet<string> = new Set(['NAME_WAITS', NAME_PAUSED]);

/** A website that was worked on outside a full look at its account. */
export interface TouchedWebsite {
  readonly account: string;
  readonly vhost: string;
  /** All its names were looked at; else only its order was gone on with. */
  readonly isJudged: boolean;
}

/**
 * Brings the lists of these websites' accounts up to date and leaves those of all others alone. Of a website that was not
 * judged anew only what its new certificate mends is cleared. A list that stays as it was is not written.
 */
export async function updateProblems(
  touched: readonly TouchedWebsite[],
  problems: readonly Problem[],
  host: Pick<CheckHost, 'problems' | 'clock'>,
  recorder: RunRecorder,
): Promise<void> {
  const byAccount = groupByAccount(problems);
  const unfinished = unfinishedIn(recorder);
  const secured = securedNamesIn(recorder);
  const byVhost = new Map(touched.map((one) => [one.vhost, one]));
  for (const account of new Set(touched.map((one) => one.account))) {
    const found = byAccount.get(account) ?? [];
    const known = await readKnown(account, host);
    const kept = known.filter(({ vhost, domain }) => {
      const website = byVhost.get(vhost);
      if (website === undefined) return true;
      if (found.some((one) => one.vhost === vhost && (website.isJudged || one.domain === domain)))
        return false;
      if (unfinished.has(vhost)) return true;
      return !website.isJudged && secured.get(vhost)?.has(domain) !== true;
    });
    if (found.length === 0 && kept.length === known.length) continue;
    await host.problems.write(account, [...recordsOf(found, known, host, recorder), ...kept]);
  }
}

/** A list that cannot be read tells nothing; what is found now is written all the same, if anything can be. */
async function readKnown(
  account: string,
  { problems }: Pick<CheckHost, 'problems'>,
): Promise<readonly ProblemRecord[]> {
  try {
    return await problems.read(account);
  } catch (error) {
    if (error instanceof StateError && error.code === 'CORRUPT_RECORD') return [];
    throw error;
  }
}

function recordsOf(
  problems: readonly Problem[],
  known: readonly ProblemRecord[],
  { clock }: Pick<CheckHost, 'clock'>,
  recorder: RunRecorder,
): ProblemRecord[] {
  const at = clock.now().toISOString();
  return problems.map((problem) => {
    const { domain, vhost, code, message, fault } = problem;
    const { since, advice } = problemHistory(problem, known, at);
    const logStartedAt = recorder.logStartedAtOf(vhost);
    const ofWebsite = {
      ...(problem.about === undefined ? {} : { about: problem.about }),
      ...(problem.pointsElsewhere === undefined ? {} : { pointsElsewhere: problem.pointsElsewhere }),
      ...(problem.unpauseUrl === undefined ? {} : { unpauseUrl: problem.unpauseUrl }),
    };
    return { domain, vhost, code, message, advice, fault, ...ofWebsite, since, at, logStartedAt };
  });
}

/** Websites that only wait. */
function unfinishedIn({ notable }: RunRecorder): ReadonlySet<string | undefined> {
  return new Set(
    notable.filter((event) => isWaiting(event) || event.code === 'ORDER_PENDING').map(({ vhost }) => vhost),
  );
}

function securedNamesIn({ notable }: RunRecorder): ReadonlyMap<string, ReadonlySet<string>> {
  const installed = notable.filter(({ code }) => code === 'CERTIFICATE_INSTALLED');
  return new Map(
    installed.map(({ vhost = '', data }) => {
      const { names = [] } = (data ?? {}) as { readonly names?: readonly string[] };
      return [vhost, new Set(names)];
    }),
  );
}

function groupByAccount(problems: readonly Problem[]): Map<string, Problem[]> {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const group = groups.get(problem.account);
    if (group === undefined) groups.set(problem.account, [problem]);
    else group.push(problem);
  }
  return groups;
}
