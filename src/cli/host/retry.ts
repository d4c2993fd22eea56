import { existsSync, realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { AtQueue } from '../../adapters/queue/at-queue.js';
import { ForegroundCommands } from '../../adapters/system/process/foreground-command.js';
import { treeNamedIn } from '../../adapters/system/tree-name.js';
import { keptEnvironment } from '../../core/retry/environment.js';
import type { RetryHost } from '../../runs/try-later.js';

/** Which of the programs of bin/ the jobs call. */
const PROGRAM = 'try-later';
/** Jobs of our own begin where nobody can take the folder away. */
export const JOB_FOLDER = '/';

/**
 * What try-later, and whoever queues through it, needs; `invoked` is the path of the program that runs (`argv[1]`), `folder`
 * where the jobs run.
 */
export function openRetryHost(environment: NodeJS.ProcessEnv, invoked: string, folder: string): RetryHost {
  const kept = keptEnvironment(environment);
  const { username, homedir } = ownUser();
  return {
    queue: new AtQueue({
      name: username,
      home: kept['HOME'] ?? homedir,
      timeZone: kept['TZ'] ?? null,
    }),
    commands: new ForegroundCommands(kept),
    environment: kept,
    program: { node: process.execPath, script: pathOfProgram(invoked) },
    folder,
    treeOf: treeNamedIn,
  };
}

/** By the way that we were called, so that a link to a newer installation counts; else beside the file itself. */
function pathOfProgram(invoked: string): string {
  const beside = join(dirname(invoked), PROGRAM);
  return existsSync(beside) ? beside : join(dirname(realpathSync(invoked)), PROGRAM);
}

/** The passwd entry; at(1) lists jobs of a user who has none under this name. */
function ownUser(): { readonly username: string; readonly homedir: string } {
  try {
    return userInfo();
  } catch {
    return { username: '???', homedir: '/' };
  }
}
