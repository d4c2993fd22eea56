import { eximCertificate } from './exim-certificate.js';
import { plainPath } from './plain-path.js';

/** Daemons that can answer for customers' names. */
export type SniDaemonKind = 'exim' | 'postfix' | 'dovecot' | 'pure-ftpd';

/** What an administrator adds once to a daemon's configuration, so that it looks names up in its table. */
export interface ConfigurationLines {
  /** Where they go; one clause. */
  readonly place: string;
  readonly lines: readonly string[];
}

/** What an administrator should add besides, and why. */
export interface ConfigurationAdvice extends ConfigurationLines {
  /** One sentence. */
  readonly because: string;
}

/** By which the two programs of Pure-FTPd meet. */
const CERTD_SOCKET = '/run/pure-certd.sock';

/** `table`: its path; `own`: the file with the certificate of the server's own name. @throws ConfigurationError UNSAFE_FILE */
export function configurationLines(kind: SniDaemonKind, table: string, own: string): ConfigurationLines {
  switch (kind) {
    case 'exim':
      return {
        place:
          'in the main part of its configuration, without tls_privatekey (Debian: as MAIN_TLS_CERTKEY = … in /etc/exim4/exim4.conf.localmacros)',
        lines: [`tls_certificate = ${eximCertificate(table, own)}`],
      };
    case 'postfix':
      return {
        place: 'in main.cf (Postfix 3.4 or later)',
        lines: [`tls_server_sni_maps = $default_database_type:${plainPath(table)}`],
      };
    case 'dovecot':
      return { place: 'at the end of dovecot.conf', lines: [`!include_try ${plainPath(table)}`] };
    case 'pure-ftpd':
      return {
        place:
          'the first is a service to be started before it, the second belongs in pure-ftpd.conf (or as the argument -3)',
        lines: [
          `pure-certd --daemonize --socket ${CERTD_SOCKET} --run ${plainPath(table)}`,
          `ExtCert ${CERTD_SOCKET}`,
        ],
      };
  }
}
