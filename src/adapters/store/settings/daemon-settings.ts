import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { WebServerSettings } from '../../../runs/ports/settings.js';
import { readGroupId } from '../../system/passwd.js';
import type { Tree } from '../../system/tree.js';
import { badSetting } from './written-secret.js';

export const MS_PER_SECOND = 1000;

/** What the file says about a daemon's program and commands. */
interface GivenDaemon {
  readonly kind: string;
  readonly testCommand?: readonly string[] | undefined;
  readonly reloadCommand?: readonly string[] | undefined;
  readonly startCommand?: readonly string[] | undefined;
  readonly aliveCommand?: readonly string[] | undefined;
  readonly pidFile?: string | undefined;
  readonly program?: string | undefined;
  readonly arguments: readonly string[];
  readonly timeoutSeconds: number;
}

/** The same as runs are given it. `key`: where it stands. @throws ConfigurationError BAD_SETTING for commands without the one that counts */
export function toDaemon(
  tree: Tree,
  path: string,
  key: string,
  given: GivenDaemon,
): Omit<WebServerSettings, 'kind'> {
  if (given.kind === 'command' && given.reloadCommand === undefined) {
    throw badSetting(path, `${key}.kind is “command”, so ${key}.reloadCommand must say how to reload`);
  }
  return {
    testCommand: given.testCommand ?? null,
    reloadCommand: given.reloadCommand ?? null,
    startCommand: given.startCommand ?? null,
    aliveCommand: given.aliveCommand ?? null,
    pidFile: given.pidFile === undefined ? null : tree.at(given.pidFile),
    program: given.program ?? null,
    arguments: given.arguments,
    timeoutMs: given.timeoutSeconds * MS_PER_SECOND,
  };
}

/** Its gid; null when none is given. @throws ConfigurationError BAD_SETTING when there is no such group */
export async function groupNamed(
  tree: Tree,
  path: string,
  key: string,
  name: string | undefined,
): Promise<number | null> {
  if (name === undefined) return null;
  const gid = await readGroupId(tree, name);
  if (gid === undefined) {
    throw badSetting(path, `${key} is ${quoteForMessage(name)}, but there is no such group on this server`);
  }
  return gid;
}
