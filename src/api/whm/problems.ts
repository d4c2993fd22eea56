import { posix } from 'node:path';
import { parseAccountName } from '../../core/domain/account/account-name.js';
import { parseHostName } from '../../core/domain/name/names.js';
import type { ListedProblem } from '../../core/report/problems/problem-table.js';
import type { ListFault } from '../../core/report/status/website-list.js';
import { withAdvice } from '../../core/report/text/wording.js';
import { listProblems, type ProblemScope } from '../../runs/list-problems.js';
import type { ApiAnswer, ApiHandler } from '../function.js';
import { ApiRefusal } from '../refusal.js';
import type { WhmHost } from './host.js';

/** `get_autossl_problems_for_user`. */
export const getProblemsForUser: ApiHandler<WhmHost> = async (given, host) => {
  const { problems, faults } = await gather(
    { user: parseAccountName(given.text('username')), domain: null },
    host,
  );
  const [fault] = faults;
  // An empty list would say that nothing is wrong.
  if (fault !== undefined) throw new ApiRefusal(said(fault));
  return answerOf(problems, []);
};

/** `get_autossl_problems_for_domain`. */
export const getProblemsForDomain: ApiHandler<WhmHost> = async (given, host) => {
  const domain = parseHostName(given.text('domain'));
  const { problems, faults } = await gather({ user: null, domain }, host);
  return answerOf(
    problems.filter((problem) => problem.domain === domain),
    faults.map(said),
  );
};

async function gather(scope: ProblemScope, host: WhmHost) {
  const problems: ListedProblem[] = [];
  const faults: ListFault[] = [];
  for await (const item of listProblems(scope, await host.openProblems())) {
    if (item.kind === 'problem') problems.push(item.problem);
    else faults.push(item.fault);
  }
  return { problems, faults };
}

function answerOf(problems: readonly ListedProblem[], warnings: readonly string[]): ApiAnswer {
  const rows = problems.map(({ domain, log, message, at }) => ({
    domain,
    log: log === null ? null : posix.basename(log),
    problem: message,
    time: at,
  }));
  return { data: { problems_by_domain: rows }, rows: 'problems_by_domain', warnings };
}

function said({ message, advice }: ListFault): string {
  return withAdvice(message, advice);
}
