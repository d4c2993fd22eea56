import type { ApiFunction } from '../../function.js';
import { flag, object, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

/** The server itself, and switches that are kept for callers (behaviour section 9.4). */
export const SERVER_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'gethostname',
    help: 'What this server is called.',
    parameters: [],
    data: object({ hostname: text }),
    load: async () => (await import('../server.js')).getHostname,
  },
  {
    name: 'is_sni_supported',
    help: 'Whether several certificates can be served at one address: always.',
    parameters: [],
    data: object({ sni: flag }),
    load: async () => (await import('../server.js')).isSniSupported,
  },
  {
    name: 'enable_mail_sni',
    help: 'Succeeds with a warning: certificates are always offered to mail programs.',
    parameters: [],
    data: null,
    load: async () => (await import('../server.js')).enableMailSni,
  },
  {
    name: 'disable_mail_sni',
    help: 'Fails: it cannot be disabled.',
    parameters: [],
    data: null,
    load: async () => (await import('../server.js')).disableMailSni,
  },
  {
    name: 'rebuildinstalledssldb',
    help: 'Does nothing: there is no database to rebuild.',
    parameters: [],
    data: null,
    load: async () => (await import('../server.js')).rebuildInstalledSslDb,
  },
];
