import { Command } from 'commander';
import { VERSION } from '../version.js';
import { addCaa } from './manage/caa.js';
import { addExclude } from './manage/exclude.js';
import { addLimits } from './manage/limits.js';
import { addLogs } from './manage/logs.js';
import { addNotify } from './manage/notify.js';
import { addOptions } from './manage/options.js';
import { addPlan } from './manage/plan.js';
import { addProblems } from './manage/problems.js';
import { addProvider } from './manage/provider.js';
import { addQueue } from './manage/queue.js';
import { addUsers } from './manage/users.js';
import { addCompletion } from './server/completion.js';
import { addDoctor } from './server/doctor.js';
import { addRehearse } from './server/rehearse.js';
import { addServices } from './server/services.js';
import { addSetup } from './server/setup.js';
import { addSni } from './server/sni.js';
import { addAdopt } from './websites/adopt.js';
import { addInspect } from './websites/inspect.js';
import { addRollback } from './websites/rollback.js';
import { addStatus } from './websites/status.js';
import { addVerify } from './websites/verify.js';
import { addWebsite } from './websites/website.js';
import { addWhy } from './websites/why.js';

type AddCommand = (program: Command) => void;

/** Who adds which command, in the order of the help. */
const COMMANDS: ReadonlyMap<string, AddCommand> = new Map([
  ['website', addWebsite],
  ['adopt', addAdopt],
  ['provider', addProvider],
  ['caa', addCaa],
  ['setup', addSetup],
  ['status', addStatus],
  ['verify', addVerify],
  ['why', addWhy],
  ['problems', addProblems],
  ['inspect', addInspect],
  ['rollback', addRollback],
  ['sni', addSni],
  ['services', addServices],
  ['options', addOptions],
  ['notify', addNotify],
  ['users', addUsers],
  ['exclude', addExclude],
  ['queue', addQueue],
  ['plan', addPlan],
  ['limits', addLimits],
  ['rehearse', addRehearse],
  ['doctor', addDoctor],
  ['logs', addLogs],
  ['log', addLogs],
  ['completion', addCompletion],
  ['complete-words', addCompletion],
]);
/** Speaks of all the others. */
const OF_ALL = 'completion';

/**
 * The command line of `autossl`, for `word` (the first after its name) to be looked up in: where that is a command, this one
 * alone is defined, since the definitions of all take longer than a light command itself.
 */
export function autosslProgram(word: string | undefined): Command {
  const program = new Command('autossl')
    .description('Set up, manage and look at AutoSSL on this server.')
    .version(VERSION)
    .addHelpText('after', '\nSee autossl(8).');
  const alone = word === undefined || word === OF_ALL ? undefined : COMMANDS.get(word);
  for (const add of alone === undefined ? new Set(COMMANDS.values()) : [alone]) add(program);
  return program;
}
