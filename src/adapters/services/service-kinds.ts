import type { ServiceName } from '../../core/domain/service/service-name.js';
import type { DaemonKind } from './daemon-kind.js';
import { dovecot } from './kinds/dovecot.js';
import { exim } from './kinds/exim.js';
import { postfix } from './kinds/postfix.js';
import { proftpd } from './kinds/proftpd.js';
import { pureFtpd } from './kinds/pure-ftpd.js';
import { vsftpd } from './kinds/vsftpd.js';

/** The daemons that may stand behind a service, in the order in which they are looked for. A panel has none of its own. */
export const SERVICE_KINDS: Readonly<Record<ServiceName, readonly DaemonKind[]>> = {
  cpanel: [],
  exim: [exim, postfix],
  dovecot: [dovecot],
  ftp: [pureFtpd, proftpd, vsftpd],
};
