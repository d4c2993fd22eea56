import type { JobAnswer, JobRefusal } from '../../core/retry/outcome.js';
import type { JobQueue, QueuedJob } from '../../runs/ports/jobs.js';
import { type CommandResult, runCommand } from '../system/exec.js';
import { answerOf, refusalOf, waitingJobs } from './at-answers.js';

/** at(1) answers in milliseconds; a spool on a dead file server does not. */
const AT_TIMEOUT_MS = 30_000;
/** A script holds one command line: the kernel's bound on that is 2 MiB. */
const MAX_SCRIPT_BYTES = 4 * 1024 * 1024;

/** at(1) and its daemon. */
export class AtQueue implements JobQueue {
  readonly #user: string;
  readonly #at: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;

  /**
   * `user` is the name that `at -l` gives to our own jobs; `home` and `timeZone` (null: the system's) are all that at(1)
   * is told of us.
   */
  constructor(
    user: { readonly name: string; readonly home: string; readonly timeZone: string | null },
    at: readonly string[] = ['at'],
  ) {
    this.#user = user.name;
    this.#at = at;
    // Its answers are read: in English, whatever the user speaks.
    this.#environment = {
      HOME: user.home,
      LC_ALL: 'C',
      ...(user.timeZone === null ? {} : { TZ: user.timeZone }),
    };
  }

  async schedule(job: {
    readonly body: string;
    readonly when: readonly string[];
    readonly folder: string;
  }): Promise<JobAnswer> {
    // After `--` nothing that somebody wrote for a time is taken for an option.
    return answerOf(await this.#run(['--', ...job.when], { input: job.body, cwd: job.folder }));
  }

  async list(): Promise<readonly QueuedJob[] | JobRefusal> {
    const listed = await this.#run(['-l']);
    if (listed.exitCode !== 0) return refusalOf(listed);
    const jobs: QueuedJob[] = [];
    for (const job of waitingJobs(listed.stdout, this.#user)) {
      const { exitCode, stdout } = await this.#run(['-c', job.id]);
      // Not there any more: it was started or removed since.
      if (exitCode === 0) jobs.push({ ...job, text: stdout });
    }
    return jobs;
  }

  #run(words: readonly string[], options: { input?: string; cwd?: string } = {}): Promise<CommandResult> {
    return runCommand([...this.#at, ...words], {
      timeoutMs: AT_TIMEOUT_MS,
      maxOutputBytes: MAX_SCRIPT_BYTES,
      environment: this.#environment,
      ...options,
    });
  }
}
