import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { AccountName } from '../../core/domain/account/account-name.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { CheckStarter } from '../../runs/ports/jobs.js';

/** As cron has it where setup wrote its file. */
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface DetachedChecksParts {
  readonly node: string;
  /** Absolute path of autossl_check. */
  readonly script: string;
  /** The private tree; null on a whole server. */
  readonly root: string | null;
}

/** autossl_check in a session of its own, in `/`, reading nothing and printing nowhere: its log has what it does. */
export class DetachedChecks implements CheckStarter {
  readonly #parts: DetachedChecksParts;

  constructor(parts: DetachedChecksParts) {
    this.#parts = parts;
  }

  async start(account: AccountName | null): Promise<{ readonly pid: number } | { readonly fault: string }> {
    const { node, script, root } = this.#parts;
    if (!existsSync(script)) return { fault: 'this installation has no such program' };
    const child = spawn(node, [script, account === null ? '--all' : `--user=${account}`], {
      cwd: '/',
      detached: true,
      stdio: 'ignore',
      env: {
        PATH: SEARCH_PATH,
        LANG: 'C',
        HOME: homeOfOurs(),
        ...(root === null ? {} : { AUTOSSL_ROOT: root }),
      },
    });
    return await new Promise((resolve) => {
      child.once('error', (error) => resolve({ fault: reasonOf(error) }));
      child.once('spawn', () => {
        child.unref();
        resolve({ pid: child.pid ?? 0 });
      });
    });
  }
}

/** By passwd, whatever the environment says. */
function homeOfOurs(): string {
  try {
    return userInfo().homedir;
  } catch {
    return '/';
  }
}
