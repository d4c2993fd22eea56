import type { ServiceName } from '../../core/domain/service-name.js';
import type { DaemonKind } from './daemon-kind.js';
import { dovecot } from './dovecot.js';
import { exim } from './exim.js';
import { postfix } from './postfix.js';
import { proftpd } from './proftpd.js';
import { pureFtpd } from './pure-ftpd.js';
import { vsftpd } from './vsftpd.js';

/** The daemons that may stand behind a service, in the order in which they are looked for. A panel has none of its own. */
export const SERVICE_KINDS: Readonly<Record<ServiceName, readonly DaemonKind[]>> = {
  cpanel: [],
  exim: [exim, postfix],
  dovecot: [dovecot],
  ftp: [pureFtpd, proftpd, vsftpd],
};
