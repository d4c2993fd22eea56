import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from './parts.js';
import { freePorts } from './ports.js';
import { EximRig, idsOf } from './service-rigs.js';

/** Who may log in, from TLS on. */
export const MAIL_LOGIN = { user: 'autossl', password: 'correct horse' };

/**
 * A real Exim that keeps what it takes, a file each. Recipients that begin with `refuse` get 550, with `later` 451, with `slow`
 * nothing for a minute; `login@` is for who has logged in.
 */
export class MailRig extends EximRig {
  override async configure(pem: string): Promise<void> {
    const [plain = 0, onConnect = 0] = await freePorts(2);
    this.ports = [{ port: plain, startTls: 'smtp' }, { port: onConnect }];
    const [uid, gid] = idsOf('Debian-exim');
    for (const folder of ['spool', 'log', 'mail']) {
      mkdirSync(join(this.folder, folder), { recursive: true });
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
tls_certificate = ${pem}
disable_ipv6 = true
never_users =
keep_environment =
smtp_accept_max = 50
acl_smtp_rcpt = rcpt
acl_smtp_data = data
trusted_users = root
begin acl
rcpt:
  deny local_parts = ^refuse
    message = no such user here
  defer local_parts = ^later
    message = try again later
  deny local_parts = login
    !authenticated = *
    message = log in first
  accept local_parts = ^slow
    delay = 60s
  accept
data:
  accept
begin routers
all:
  driver = accept
  transport = files
begin transports
files:
  driver = appendfile
  directory = ${this.folder}/mail
  create_directory = false
  delivery_date_add
  envelope_to_add
  return_path_add
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and {{eq{$auth2}{${MAIL_LOGIN.user}}}{eq{$auth3}{${MAIL_LOGIN.password}}}}}
  server_set_id = $auth2
  server_advertise_condition = \${if def:tls_in_cipher}
begin retry
`,
    );
  }

  /** Exim's own sendmail(1), which delivers before it ends. */
  writeSendmail(): string {
    return this.write(
      'sendmail',
      `#!/bin/sh\nprintf '%s\\n' "$@" > ${this.folder}/words\nexec ${programPath('exim4')} -C ${this.configFile} -odf "$@"\n`,
      0o755,
    );
  }

  /** What it keeps, whole mails, in no order. */
  mails(): readonly string[] {
    const folder = join(this.folder, 'mail');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.startsWith('q'))
      .map((name) => readFileSync(join(folder, name), 'utf8'));
  }

  forget(): void {
    for (const name of readdirSync(join(this.folder, 'mail'))) rmSync(join(this.folder, 'mail', name));
  }
}
