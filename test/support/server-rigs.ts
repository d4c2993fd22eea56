import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { outputFileSync } from 'fs-extra/esm';
import { SocketTlsProbe } from '../../src/adapters/probe/tls-probe.js';
import type { WebServerSettings } from '../../src/runs/ports/settings.js';
import { type Daemon, startDaemon } from './daemons.js';
import { programPath } from './parts.js';

const NO_COMMANDS = {
  testCommand: null,
  reloadCommand: null,
  startCommand: null,
  aliveCommand: null,
} as const;
const STOP_PATIENCE_MS = 15_000;

/** A real web server with a private prefix, in the foreground as a child of the test, until it daemonizes itself. */
export abstract class ServerRig {
  readonly folder: string;
  abstract readonly pidFile: string;
  /** What a file there says is part of its configuration; README's own folders are too. */
  abstract readonly sitesFolder: string;
  /** Where the folders of the README's printed files stand, which are named from `/etc/nginx` or `/etc/apache2` on. */
  abstract readonly configurationFolder: string;
  /** A line of its error log for each reload that it was told to make. */
  protected abstract readonly reloadLine: RegExp;
  #daemon: Daemon | undefined;

  constructor() {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-test-web-')));
    // Workers of another uid pass through.
    chmodSync(this.folder, 0o755);
  }

  /** As the administrator would write them. */
  abstract settings(more?: Partial<WebServerSettings>): WebServerSettings;
  protected abstract foreground(): readonly [string, readonly string[]];
  /** What `systemctl reload` runs. */
  abstract reloadCommand(): readonly string[];
  abstract startCommand(): readonly string[];

  /** `settings` as `/etc/autossl.yaml` writes them. */
  yaml(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
    const { kind, program, arguments: words } = this.settings();
    return { kind, program, arguments: words, ...more };
  }

  /** Folder of what a website without files of its own shows. */
  get pageFolder(): string {
    return join(this.folder, 'page');
  }

  writePage(contents: string): void {
    this.write('page/index.html', contents);
  }

  /** How often it was told to reload since it first started, by its own log. */
  reloads(): number {
    return this.read('logs/error.log')
      .split('\n')
      .filter((line) => this.reloadLine.test(line)).length;
  }

  /** Reloads it as an administrator does. @throws Error with what it says */
  reload(): void {
    const [program = '', ...words] = this.reloadCommand();
    execFileSync(program, words, { stdio: 'pipe' });
  }

  /** Starts it after its death, as an administrator does; it becomes nobody's child. @throws Error with what it says */
  startAgain(): void {
    const [program = '', ...words] = this.startCommand();
    execFileSync(program, words, { stdio: 'ignore' });
  }

  /** Writes a file under the prefix; gives its path. */
  write(path: string, contents: string): string {
    const full = join(this.folder, path);
    outputFileSync(full, contents);
    return full;
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { force: true });
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** Ready when something listens with TLS (or plainly) at one of the ports. */
  async start(port: number, address = '127.0.0.1'): Promise<void> {
    const [program, args] = this.foreground();
    const probe = new SocketTlsProbe(500);
    this.#daemon = await startDaemon(program, args, {
      isReady: async () =>
        existsSync(this.pidFile) &&
        (await probe.handshake({ address, port, serverName: null })).error !== 'ECONNREFUSED',
    });
  }

  get pid(): number {
    return Number(readFileSync(this.pidFile, 'utf8').trim());
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop();
    // One that was started again is nobody's child: it goes by its pid file.
    const pid = existsSync(this.pidFile) ? this.pid : 0;
    if (pid > 1 && isOurs(pid, this.folder)) {
      process.kill(pid, 'SIGTERM');
      const deadline = Date.now() + STOP_PATIENCE_MS;
      while (isOurs(pid, this.folder) && Date.now() < deadline) await pause(20);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class NginxRig extends ServerRig {
  readonly pidFile = join(this.folder, 'logs/nginx.pid');
  readonly sitesFolder = 'conf/sites';
  readonly configurationFolder = 'conf';
  protected readonly reloadLine = / signal 1 \(SIGHUP\) received/;

  constructor() {
    super();
    for (const folder of ['conf/sites', 'logs', 'tmp'])
      mkdirSync(join(this.folder, folder), { recursive: true });
    this.write(
      'conf/nginx.conf',
      `${process.getuid?.() === 0 ? 'user www-data;' : ''} worker_processes 1; pid logs/nginx.pid; error_log logs/error.log notice;
events { worker_connections 512; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path tmp/${one};`).join(' ')}
  server_names_hash_max_size 8192; server_names_hash_bucket_size 128;
  include sites/*.conf; include conf.d/*.conf;
}
`,
    );
  }

  settings(more: Partial<WebServerSettings> = {}): WebServerSettings {
    return {
      ...NO_COMMANDS,
      kind: 'nginx',
      pidFile: null,
      program: programPath('nginx'),
      arguments: ['-p', this.folder, '-c', 'conf/nginx.conf', '-e', 'logs/error.log'],
      timeoutMs: 120_000,
      ...more,
    };
  }

  /** A site with TLS; `extra`: further directives. */
  site(name: string, listen: string, pair: string, extra = ''): void {
    this.write(
      `${this.sitesFolder}/${name}.conf`,
      `server {\n  listen ${listen};\n  server_name ${name};\n  ssl_certificate ${pair};\n  ssl_certificate_key ${pair};\n  ${extra}\n  return 200 "${name}\\n";\n}\n`,
    );
  }

  reloadCommand(): readonly string[] {
    return [programPath('nginx'), ...this.settings().arguments, '-s', 'reload'];
  }

  startCommand(): readonly string[] {
    return [programPath('nginx'), ...this.settings().arguments];
  }

  protected foreground(): readonly [string, readonly string[]] {
    return [programPath('nginx'), [...this.settings().arguments, '-g', 'daemon off;']];
  }
}

/** Of those that Debian's own configuration has on. */
const APACHE_MODULES = ['mpm_event', 'authz_core', 'alias', 'dir', 'mime', 'rewrite', 'socache_shmcb', 'ssl'];
const APACHE_MODULE_FOLDER = '/usr/lib/apache2/modules';

export class ApacheRig extends ServerRig {
  readonly pidFile = join(this.folder, 'pid/httpd.pid');
  readonly sitesFolder = 'sites';
  readonly configurationFolder = '.';
  protected readonly reloadLine = / AH00493: SIGUSR1 received/;

  /** `listens`: what Listen directives say. */
  constructor(listens: readonly string[]) {
    super();
    for (const folder of ['conf', 'sites', 'logs', 'run', 'pid'])
      mkdirSync(join(this.folder, folder), { recursive: true });
    this.write(
      'conf/httpd.conf',
      [
        `ServerRoot ${this.folder}`,
        `DefaultRuntimeDir ${this.folder}/run`,
        'PidFile pid/httpd.pid',
        `Mutex file:${this.folder}/run default`,
        'ServerName localhost',
        ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
        ...listens.map((listen) => `Listen ${listen}`),
        ...APACHE_MODULES.map((name) => `LoadModule ${name}_module ${APACHE_MODULE_FOLDER}/mod_${name}.so`),
        'TypesConfig /etc/mime.types',
        'StartServers 1',
        'ErrorLog logs/error.log',
        'SSLSessionCache none',
        // As Debian's apache2.conf has it: nothing is granted but what is granted.
        '<Directory />',
        'Options FollowSymLinks',
        'AllowOverride None',
        'Require all denied',
        '</Directory>',
        `<Directory ${this.pageFolder}>`,
        'Require all granted',
        '</Directory>',
        ...['sites', 'conf-available', 'sites-available'].map((folder) => `IncludeOptional ${folder}/*.conf`),
        '',
      ].join('\n'),
    );
  }

  settings(more: Partial<WebServerSettings> = {}): WebServerSettings {
    return {
      ...NO_COMMANDS,
      kind: 'apache',
      pidFile: null,
      program: programPath('apache2'),
      arguments: ['-d', this.folder, '-f', 'conf/httpd.conf'],
      timeoutMs: 120_000,
      ...more,
    };
  }

  site(name: string, address: string, pair: string, extra = ''): void {
    this.write(
      `${this.sitesFolder}/${name}.conf`,
      `<VirtualHost ${address}>\n  ServerName ${name}\n  SSLEngine on\n  SSLCertificateFile ${pair}\n  ${extra}\n</VirtualHost>\n`,
    );
  }

  reloadCommand(): readonly string[] {
    return [programPath('apache2'), ...this.settings().arguments, '-k', 'graceful'];
  }

  startCommand(): readonly string[] {
    return [programPath('apache2'), ...this.settings().arguments, '-k', 'start'];
  }

  protected foreground(): readonly [string, readonly string[]] {
    return [programPath('apache2'), [...this.settings().arguments, '-DFOREGROUND']];
  }
}

/** What openssl, a separate process, is shown there: the leaf's SHA-256 in lower-case hex; undefined without one. */
export function servedFingerprint(address: string, port: number, name: string): string | undefined {
  try {
    const target = `${address.includes(':') ? `[${address}]` : address}:${port}`;
    const shown = execFileSync('openssl', ['s_client', '-connect', target, '-servername', name], {
      input: 'QUIT\n',
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: 10_000,
    });
    const print = execFileSync('openssl', ['x509', '-noout', '-fingerprint', '-sha256'], {
      input: shown,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return print.trim().split('=')[1]?.replaceAll(':', '').toLowerCase();
  } catch {
    return undefined;
  }
}

/** Whether the pid is still a process started for this folder, and no zombie. */
function isOurs(pid: number, folder: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) && !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
