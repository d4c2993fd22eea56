import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passwdEntryOf } from '../../src/adapters/system/passwd.js';
import type { ProgramResult } from '../demo/program.js';
import { type Daemon, startDaemon } from './daemons.js';

/** Where this installation lies in the namespace. */
export const INSTALLED = '/opt/autossl';

/** Folders of the machine that are the test's own in the namespace; /etc begins as a copy. */
const OWN = ['etc', 'home', 'opt', 'run', 'var'];
/** node lies here, where root's own PATH has it. */
const PROGRAMS = '/usr/local/bin';

export interface RunOptions {
  /** The whole environment; PATH alone without it. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Words before the program: `prlimit --cpu=1`, `nice`. */
  readonly through?: readonly string[];
}

/** A whole server, root folder `/`, that nobody else sees: real users, a real sudo, this installation under /opt. */
export class PrivateServer {
  /** The folders as the test sees them: `/etc` of the server lies in `<folder>/etc`. */
  readonly folder: string;
  readonly #keeper: Daemon;

  private constructor(folder: string, keeper: Daemon) {
    this.folder = folder;
    this.#keeper = keeper;
  }

  static async open(): Promise<PrivateServer> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-server-')));
    chmodSync(folder, 0o755);
    for (const name of [...OWN, 'programs', 'var/tmp', 'var/lib', 'var/log', 'run/sudo', 'var/mail']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    cpSync('/etc', join(folder, 'etc'), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    });
    const place = join(folder, 'opt/autossl');
    for (const name of ['bin', 'dist', 'package.json']) {
      cpSync(name, join(place, name), { recursive: true, dereference: true });
    }
    writeFileSync(join(folder, 'programs/node'), '');
    const mounts = [
      'mount --make-rprivate /',
      `mount --bind ${process.execPath} ${folder}/programs/node`,
      `mount --rbind ${folder}/programs ${PROGRAMS}`,
      ...OWN.map((name) => `mount --rbind ${folder}/${name} /${name}`),
      `touch ${folder}/ready`,
    ].join(' && ');
    const keeper = await startDaemon('unshare', ['--mount', 'sh', '-c', `${mounts} && exec sleep infinity`], {
      isReady: async () => existsSync(join(folder, 'ready')),
    });
    return new PrivateServer(folder, keeper);
  }

  /** A path of the server as the test sees it. */
  at(path: string): string {
    return join(this.folder, path);
  }

  /** useradd, with a home. Gives the uid. */
  async addUser(name: string): Promise<number> {
    const added = await this.run(['useradd', '--create-home', name]);
    if (added.exitCode !== 0) throw new Error(`useradd: ${added.stderr}`);
    return this.uidOf(name);
  }

  uidOf(name: string): number {
    const entry = passwdEntryOf(readFileSync(this.at('etc/passwd'), 'utf8'), name);
    if (entry === undefined) throw new Error(`there is no user ${name}`);
    return entry.uid;
  }

  /** Runs a program on the server as root. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    return this.#enter([], argv, options);
  }

  /** Runs a program on the server with a user's rights. */
  runAs(user: string, argv: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    const id = String(this.uidOf(user));
    return this.#enter(['--setuid', id, '--setgid', id], argv, options);
  }

  /** One of our programs, as root. */
  runBin(name: string, words: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    return this.run([`${INSTALLED}/bin/${name}`, ...words], options);
  }

  async close(): Promise<void> {
    await this.#keeper.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #enter(rights: readonly string[], argv: readonly string[], options: RunOptions): Promise<ProgramResult> {
    const words = ['--mount', '--target', String(this.#keeper.pid), ...rights, '--wd=/'];
    const environment = Object.entries({
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ...options.environment,
    }).map(([name, value]) => `${name}=${value}`);
    // Set inside: the loader would act on some of it before the rights are dropped.
    const inside = ['env', '-i', '-C', options.cwd ?? '/', ...environment, ...argv];
    const line = [...words, ...(options.through ?? []), ...inside];
    return new Promise((resolve, reject) => {
      const child = spawn('nsenter', line, { stdio: ['ignore', 'pipe', 'pipe'] });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        stdout += part;
      });
      child.stderr.setEncoding('utf8').on('data', (part: string) => {
        stderr += part;
      });
      child.on('error', reject);
      child.on('close', (exitCode) => {
        if (stderr.startsWith('nsenter: ')) reject(new Error(stderr));
        else resolve({ exitCode, stdout, stderr });
      });
    });
  }
}
