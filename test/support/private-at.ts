import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { passwdEntryOf } from '../../src/adapters/system/passwd.js';
import type { ProgramResult } from '../demo/program.js';
import { type Daemon, startDaemon } from './daemons.js';
import { programPath } from './parts.js';

/** at(1) and atd have these compiled in; a mount namespace puts folders of ours in their place. */
const SPOOL = '/var/spool/cron';
const SBIN = '/usr/sbin';
const DAEMON_USER = 'daemon';
/** Jobs are done in milliseconds; a busy machine may need longer. */
const JOBS_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/** What a test may change about a program in the namespace. */
export interface InsideOptions {
  /** All of its environment; PATH and HOME otherwise. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

/** A spool of at(1) that nobody else sees, without a daemon at first. What jobs print is caught as mail. */
export class PrivateAt {
  readonly folder: string;
  readonly #keeper: Daemon;
  #daemon: Daemon | undefined;

  private constructor(folder: string, keeper: Daemon) {
    this.folder = folder;
    this.#keeper = keeper;
  }

  static async open(): Promise<PrivateAt> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-at-')));
    chmodSync(folder, 0o755);
    placeFolders(folder);
    const mounts = [
      'mount --make-rprivate /',
      `mount --bind ${SBIN} ${folder}/real-sbin`,
      `mount --bind ${folder}/sbin ${SBIN}`,
      `mount --bind ${folder}/atjobs ${SPOOL}/atjobs`,
      `mount --bind ${folder}/atspool ${SPOOL}/atspool`,
      `mount --bind ${folder}/run /run`,
      `touch ${folder}/ready`,
    ].join(' && ');
    const keeper = await startDaemon('unshare', ['--mount', 'sh', '-c', `${mounts} && exec sleep infinity`], {
      isReady: async () => existsSync(join(folder, 'ready')),
    });
    return new PrivateAt(folder, keeper);
  }

  /** Words that run what follows them in the namespace. */
  get enter(): readonly string[] {
    return ['nsenter', '--mount', '--target', String(this.#keeper.pid)];
  }

  /** Runs a program in the namespace to its end. */
  run(argv: readonly string[], options: InsideOptions = {}): Promise<ProgramResult> {
    const [enter = '', ...words] = [...this.enter, `--wd=${options.cwd ?? '/'}`, ...argv];
    return new Promise((resolve, reject) => {
      const child = spawn(enter, words, {
        env: { PATH: process.env['PATH'] ?? '', HOME: '/root', ...options.environment },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        stdout += part;
      });
      child.stderr.setEncoding('utf8').on('data', (part: string) => {
        stderr += part;
      });
      child.stdin.on('error', () => undefined).end(options.input ?? '');
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    });
  }

  /** Runs a program of bin/ in the namespace. */
  runBin(name: string, words: readonly string[], options: InsideOptions = {}): Promise<ProgramResult> {
    return this.run([process.execPath, join(process.cwd(), 'bin', name), ...words], options);
  }

  /** Numbers of the jobs there are, those under way too. */
  jobs(): readonly string[] {
    return [...this.#listing().matchAll(/^\d+/gm)].map(([id]) => id).sort((a, b) => Number(a) - Number(b));
  }

  /** When they run, in milliseconds, as atq says. */
  instants(): readonly number[] {
    return [...this.#listing().matchAll(/^\d+\t(.{24}) /gm)].map(([, when = '']) => Date.parse(when));
  }

  #listing(): string {
    const [enter = '', ...words] = [...this.enter, 'at', '-l'];
    const listed = spawnSync(enter, words, {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    });
    if (listed.status !== 0) throw new Error(`at -l: ${listed.stderr}`);
    return listed.stdout;
  }

  /** The script of a job, as an administrator sees it. */
  async scriptOf(id: string): Promise<string> {
    return (await this.run(['at', '-c', id])).stdout;
  }

  /** Starts the real daemon. */
  async startAtd(): Promise<void> {
    // No more than one job a second would start of a batch; no load is too high.
    const [enter = '', ...words] = [...this.enter, 'atd', '-f', '-b', '1', '-l', '1000'];
    this.#daemon = await startDaemon(programPath(enter), words, {
      isReady: async () => /^\d+/.test(readFileSync(join(this.folder, 'run/atd.pid'), 'latin1')),
    });
  }

  /** Lets so many minutes pass for atd alone, which then runs once; waits until the jobs that were there have ended. */
  async runJobsAfter(minutes: number): Promise<void> {
    const before = this.jobs();
    const ended = await this.run(['faketime', '-f', `+${minutes}m`, 'atd', '-s', '-l', '1000']);
    if (ended.exitCode !== 0) throw new Error(`atd -s: ${ended.stderr}`);
    await this.until(
      () => !this.jobs().some((id) => before.includes(id)),
      `jobs ${before.join(', ')} to end`,
    );
  }

  /** Waits until no job is left, new ones included. */
  async untilEmpty(): Promise<void> {
    await this.until(() => this.jobs().length === 0, 'the queue to be empty');
  }

  async until(isSo: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + JOBS_TIMEOUT_MS;
    while (!isSo()) {
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
      await pause(POLL_MS);
    }
  }

  /** What jobs printed, a text a mail, as given to sendmail; taken away. */
  takeMails(): readonly string[] {
    const folder = join(this.folder, 'mail');
    return readdirSync(folder)
      .sort()
      .map((name) => {
        const text = readFileSync(join(folder, name), 'utf8');
        rmSync(join(folder, name));
        return text.slice(text.indexOf('\n\n') + 2);
      });
  }

  async close(): Promise<void> {
    await this.#daemon?.stop();
    await this.#keeper.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The spool as Debian's package makes it, and /usr/sbin with a sendmail that keeps what it is given. */
function placeFolders(folder: string): void {
  for (const name of ['atjobs', 'atspool', 'run', 'mail', 'sbin', 'real-sbin']) mkdirSync(join(folder, name));
  chmodSync(join(folder, 'mail'), 0o1777);
  const owner = passwdEntryOf(readFileSync('/etc/passwd', 'utf8'), DAEMON_USER);
  if (owner === undefined) throw new Error(`there is no user ${DAEMON_USER}`);
  writeFileSync(join(folder, 'atjobs/.SEQ'), '', { mode: 0o600 });
  chownSync(join(folder, 'atjobs/.SEQ'), owner.uid, owner.gid);
  for (const name of ['atjobs', 'atspool']) {
    chownSync(join(folder, name), owner.uid, owner.gid);
    chmodSync(join(folder, name), 0o1770);
  }
  for (const name of readdirSync(SBIN)) {
    if (name !== 'sendmail') symlinkSync(join(folder, 'real-sbin', name), join(folder, 'sbin', name));
  }
  writeFileSync(join(folder, 'sbin/sendmail'), `#!/bin/sh\nexec cat > ${folder}/mail/$(date +%s%N)-$$\n`, {
    mode: 0o755,
  });
}
