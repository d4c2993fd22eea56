import type { ApiFunction } from '../../function.js';
import { optional, repeated, required } from '../../parameter.js';
import { flag, integer, mapOf, object, text } from '../../shape.js';
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
    parameters: [repeated(required('domain', 'a domain of an account'))],
    data: object({ failed_domains: mapOf(text), updated_domains: mapOf(integer) }),
    load: async () => (await import('../server.js')).enableMailSni,
  },
  {
    name: 'disable_mail_sni',
    help: 'Fails: it cannot be disabled.',
    parameters: [repeated(optional('domain', 'without effect'))],
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
