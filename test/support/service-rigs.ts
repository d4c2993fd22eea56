import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { dirname, join } from 'node:path';
import { SocketTlsProbe } from '../../src/adapters/probe/tls-probe.js';
import type { StartTlsProtocol } from '../../src/core/plan/served/server-site.js';
import { type Daemon, startDaemon } from './daemons.js';
import { programPath } from './parts.js';
import { freePorts } from './ports.js';

/** Where a service is asked; without a protocol with TLS from the first byte. */
export interface ServicePort {
  readonly port: number;
  readonly startTls?: StartTlsProtocol;
}

/** What a rig writes as `services.<service>` into /etc/autossl.yaml. */
export type ServiceYaml = Readonly<Record<string, unknown>>;

const STOP_PATIENCE_MS = 5_000;

/** A real mail or FTP daemon with a private prefix, in the foreground as a child of the test until it is started anew. */
export abstract class ServiceRig {
  /** Within the private tree, where pid files are looked for; short, because Dovecot's sockets lie below (108 bytes). */
  readonly folder: string;
  ports: readonly ServicePort[] = [];
  /** Where it listens, and nowhere else. */
  readonly address: string = '127.0.0.1';
  /** Its main process. */
  abstract get pidFile(): string;
  #daemon: Daemon | undefined;

  /** `root`: of the private tree; whoever removes that removes this too. */
  constructor(root: string) {
    this.folder = join(root, 'rig');
    mkdirSync(this.folder);
    chmodSync(this.folder, 0o755);
  }

  abstract yaml(): ServiceYaml;
  protected abstract foreground(): readonly [string, readonly string[]];
  /** Chooses its ports and writes its configuration, which names `pem`: key, leaf and chain in one. */
  abstract configure(pem: string): Promise<void>;

  /** Ready when each port listens. */
  async start(): Promise<void> {
    const [program, args] = this.foreground();
    const probe = new SocketTlsProbe(500);
    this.#daemon = await startDaemon(program, args, {
      isReady: async () => {
        for (const { port } of this.ports) {
          const seen = await probe.handshake({ address: this.address, port, serverName: null });
          if (seen.error === 'ECONNREFUSED') return false;
        }
        return this.pid > 0;
      },
    });
  }

  get pid(): number {
    try {
      return Number(readFileSync(this.pidFile, 'utf8').trim());
    } catch {
      return 0;
    }
  }

  /** Whether the pid file's process runs, and is no zombie. */
  get isRunning(): boolean {
    return isRunning(this.pid);
  }

  /** Has it take what lies there, as an administrator does who put that there. */
  async take(): Promise<void> {
    process.kill(this.pid, 'SIGHUP');
  }

  async stop(): Promise<void> {
    const { pid } = this;
    await this.#daemon?.stop();
    // One that was started again is nobody's child.
    if (isRunning(pid)) {
      process.kill(pid, 'SIGTERM');
      const deadline = Date.now() + STOP_PATIENCE_MS;
      while (isRunning(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  write(path: string, contents: string, mode = 0o644): string {
    const full = join(this.folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, contents, { mode });
    return full;
  }
}

export class EximRig extends ServiceRig {
  get pidFile(): string {
    return join(this.folder, 'exim.pid');
  }
  get configFile(): string {
    return join(this.folder, 'exim.conf');
  }

  yaml(): ServiceYaml {
    return {
      kind: 'exim',
      program: programPath('exim4'),
      arguments: ['-C', this.configFile],
      keyGroup: 'Debian-exim',
    };
  }

  /** `certificate`: what its configuration says instead of the file. May be called again before it is started. */
  async configure(pem: string, certificate = pem): Promise<void> {
    const [plain = 0, onConnect = 0] = await freePorts(2);
    this.ports = [{ port: plain, startTls: 'smtp' }, { port: onConnect }];
    for (const folder of ['spool', 'log']) {
      mkdirSync(join(this.folder, folder), { recursive: true });
      const [uid, gid] = idsOf('Debian-exim');
      chownSync(join(this.folder, folder), uid, gid);
    }
    this.write(
      'exim.conf',
      `exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = ${this.folder}/spool
log_file_path = ${this.folder}/log/%slog
pid_file_path = ${this.pidFile}
primary_hostname = mail.host.test
local_interfaces = <; ${this.address}
daemon_smtp_ports = ${plain} : ${onConnect}
tls_on_connect_ports = ${onConnect}
tls_advertise_hosts = *
tls_certificate = ${certificate}
disable_ipv6 = ${!isIPv6(this.address)}
never_users =
keep_environment =
begin acl
begin routers
begin transports
begin retry
`,
    );
  }

  protected foreground(): readonly [string, readonly string[]] {
    return [programPath('exim4'), ['-C', this.configFile, '-bdf', '-q1m']];
  }
}

export class DovecotRig extends ServiceRig {
  get pidFile(): string {
    return join(this.folder, 'run/master.pid');
  }
  get configFile(): string {
    return join(this.folder, 'dovecot.conf');
  }

  yaml(): ServiceYaml {
    return { kind: 'dovecot', program: programPath('dovecot'), arguments: ['-c', this.configFile] };
  }

  /** `more`: lines at the end of its configuration. May be called again, and keeps its ports. */
  async configure(pem: string, more = ''): Promise<void> {
    if (this.ports.length === 0) this.#choosePorts(await freePorts(4));
    const [imap, imaps, pop3, pop3s] = this.ports.map(({ port }) => port);
    mkdirSync(join(this.folder, 'mail'), { recursive: true });
    this.write(
      'users',
      `u:{PLAIN}p:1000:1000::${this.folder}/mail::userdb_mail=maildir:${this.folder}/mail\n`,
    );
    chownSync(join(this.folder, 'mail'), 1000, 1000);
    this.write(
      'dovecot.conf',
      `base_dir = ${this.folder}/run
state_dir = ${this.folder}/state
log_path = ${this.folder}/dovecot.log
instance_name = ${this.folder.slice(1).replaceAll('/', '-')}
protocols = imap pop3
listen = ${this.address}
ssl = yes
ssl_cert = <${pem}
ssl_key = <${pem}
disable_plaintext_auth = no
shutdown_clients = no
service imap-login {
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = ${imaps}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${pop3}
  }
  inet_listener pop3s {
    port = ${pop3s}
    ssl = yes
  }
}
passdb {
  driver = passwd-file
  args = ${this.folder}/users
}
userdb {
  driver = passwd-file
  args = ${this.folder}/users
}
${more}
`,
    );
  }

  #choosePorts([imap = 0, imaps = 0, pop3 = 0, pop3s = 0]: readonly number[]): void {
    this.ports = [
      { port: imap, startTls: 'imap' },
      { port: imaps },
      { port: pop3, startTls: 'pop3' },
      { port: pop3s },
    ];
  }

  protected foreground(): readonly [string, readonly string[]] {
    return [programPath('dovecot'), ['-F', '-c', this.configFile]];
  }
}

export class PureFtpdRig extends ServiceRig {
  get pidFile(): string {
    return join(this.folder, 'ftp.pid');
  }
  #words: readonly string[] = [];

  yaml(): ServiceYaml {
    return {
      kind: 'pure-ftpd',
      program: programPath('pure-ftpd'),
      pidFile: '/rig/ftp.pid',
      arguments: [...this.#words],
    };
  }

  /** `more`: further arguments. */
  async configure(pem: string, more: readonly string[] = []): Promise<void> {
    const [port = 0] = await freePorts(1);
    this.ports = [{ port, startTls: 'ftp' }];
    const own = ['-S', `127.0.0.1,${port}`, '-2', pem, '-Y', '1', '-g', this.pidFile, '-l', 'unix', '-E'];
    this.#words = [...own, ...more];
  }

  override async take(): Promise<void> {
    await this.stop();
    await this.start();
  }

  protected foreground(): readonly [string, readonly string[]] {
    return [programPath('pure-ftpd'), this.#words];
  }
}

/**
 * What openssl, a separate process, is shown there: the leaf's SHA-256 in lower-case hex; undefined without one. `name`: that it
 * asks for; null: none.
 */
export function shownBy(
  { port, startTls }: ServicePort,
  name: string | null,
  address = '127.0.0.1',
): string | undefined {
  try {
    const asked = name === null ? ['-noservername'] : ['-servername', name];
    const words = ['s_client', '-connect', `${isIPv6(address) ? `[${address}]` : address}:${port}`, ...asked];
    const shown = execFileSync(
      'openssl',
      [...words, ...(startTls === undefined ? [] : ['-starttls', startTls])],
      {
        input: 'QUIT\n',
        stdio: ['pipe', 'pipe', 'ignore'],
        timeout: 10_000,
      },
    );
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

/** Whether a user can read the file, tried as that user with all its groups. */
export function canRead(user: string, path: string): boolean {
  try {
    const [uid, gid] = idsOf(user);
    execFileSync('setpriv', ['--reuid', String(uid), '--regid', String(gid), '--init-groups', 'cat', path], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

/** uid and gid of a user of this machine. */
export function idsOf(user: string): readonly [number, number] {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${user}:`));
  const [, , uid, gid] = (line ?? '').split(':');
  if (uid === undefined || gid === undefined) throw new Error(`there is no user ${user}`);
  return [Number(uid), Number(gid)];
}

function isRunning(pid: number): boolean {
  try {
    return pid > 1 && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
