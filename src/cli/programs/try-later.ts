import { parseArguments } from '../../core/retry/arguments.js';
import { runToExitCode } from '../program-end.js';
import { VERSION } from '../version.js';

const HELP = `Usage: try-later --action COMMAND --check COMMAND [options]
       try-later --has-jobs [--action COMMAND] [--json]

Run the check. When it succeeds, run the action; when it fails, try again later, as a job of at(1).

A COMMAND is one quoted word, a script for /bin/sh, or several words up to the next option, executed as they are.

Options:
  --action COMMAND       run when the check has succeeded
  --check COMMAND        succeeds when it ends with exit status 0
  --delay MINUTES        wait so long before each retry (default: 5); overrides --at
  --at TIME              retry at this time, in the words of at(1): now + 12 minutes
  --max-retries NUMBER   how many checks may be queued (default: 1)
  --skip-first           queue the first of them at once, without a check now
  --act-finally COMMAND  run when no retry is left; 0: nothing (default), 1: the action
  --has-jobs             list the jobs that wait; exit status 0: there are some, 1: none
  --json                 with --has-jobs: print them as JSON
  --queued               this is such a job (for try-later's own use)
  --version              output the version number
  -h, --help             display help

Exit status:
  0   a retry is queued; with --has-jobs: there are jobs
  1   no retry is left, and nothing was to be done finally; with --has-jobs: there are none
  2   wrong usage, or a time that at(1) does not take
  3   could not queue: no at(1), or no permission to use it
  When the action, or the command of --act-finally, was run, its exit status.

See try-later(8).
`;

/** Words of commands are not ours to interpret: the command line has a grammar of its own. */
async function main(argv: readonly string[], invoked: string): Promise<number> {
  const request = parseArguments(argv);
  if (request.kind === 'help' || request.kind === 'version') {
    process.stdout.write(request.kind === 'help' ? HELP : `${VERSION}\n`);
    return 0;
  }
  const { hasJobsCommand, tryLaterCommand } = await import('../commands/try-later.js');
  return request.kind === 'try' ? tryLaterCommand(request.plan, invoked) : hasJobsCommand(request, invoked);
}

const [, invoked = '', ...argv] = process.argv;
void runToExitCode('try-later', () => main(argv, invoked));
