import { parseAccountName } from '../../core/domain/account/account-name.js';
import { parseAskedName } from '../../core/domain/name/asked-name.js';
import { printable } from '../../core/domain/name/names.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import { type ListedProblem, renderProblems } from '../../core/report/problems/problem-table.js';
import type { ListFault } from '../../core/report/status/website-list.js';
import { renderJsonDocument } from '../../core/report/text/json-lines.js';
import { withAdvice } from '../../core/report/text/wording.js';
import { listProblems } from '../../runs/list-problems.js';
import { openProblemsHost } from '../host/websites/problems.js';
import { StandardOutput } from '../standard-output.js';

export interface ProblemsFlags {
  readonly user?: string;
  readonly domain?: string;
  readonly json?: boolean;
}

/** `autossl problems`. Gives 1 when a list could not be read. */
export async function problemsCommand(flags: ProblemsFlags): Promise<number> {
  const scope = {
    user: flags.user === undefined ? null : parseAccountName(flags.user),
    domain: flags.domain === undefined ? null : parseAskedName(flags.domain),
  };
  const host = await openProblemsHost(process.env, process.getuid?.() ?? 0);
  const problems: ListedProblem[] = [];
  const faults: ListFault[] = [];
  for await (const item of listProblems(scope, host)) {
    if (item.kind === 'problem') problems.push(item.problem);
    else faults.push(item.fault);
  }
  const out = new StandardOutput();
  if (flags.json === true) {
    const document = { schemaVersion: 1, at: host.clock.now().toISOString(), problems, faults };
    await out.write(renderJsonDocument(document));
  } else {
    const width = process.stdout.isTTY === true ? process.stdout.columns : null;
    for (const line of renderProblems(problems, width)) await out.write(`${line}\n`);
    for (const { message, advice } of faults)
      await out.write(`fault: ${printable(withAdvice(message, advice))}\n`);
  }
  await out.flush();
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}
