import { CERTIFICATE_INFO } from '../../certificate-rows.js';
import type { ApiFunction } from '../../function.js';
import { optional, required } from '../../parameter.js';
import { flag, integer, list, object, orNull, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

const SERVICE = required('service', 'cpanel, dovecot, exim or ftp');
const INSTALLED = object({
  service: text,
  service_description: text,
  certificate: text,
  cabundle: text,
  certificate_info: CERTIFICATE_INFO,
});

/** The certificates of the server's own services (behaviour sections 9.4, 12). */
export const SERVICE_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'fetch_service_ssl_components',
    help: 'Certificate, issuers and private key of each service.',
    parameters: [],
    data: object({
      services: list(
        object({
          service: text,
          certificate: text,
          cabundle: text,
          key: orNull(text),
          certificate_info: CERTIFICATE_INFO,
        }),
      ),
    }),
    load: async () => (await import('../services.js')).fetchServiceComponents,
  },
  {
    name: 'install_service_ssl_certificate',
    help: 'Give a service a certificate; it is tested, loaded and asked for.',
    parameters: [
      SERVICE,
      required('crt', 'the certificate, PEM'),
      required('key', 'its private key, PEM, without passphrase'),
      optional(
        'cabundle',
        'certificates of its issuers, PEM, in any order; what is missing is looked for here',
      ),
    ],
    data: INSTALLED,
    load: async () => (await import('../services.js')).installServiceCertificate,
  },
  {
    name: 'reset_service_ssl_certificate',
    help: 'Give a service a new self-signed certificate; the former is archived.',
    parameters: [SERVICE],
    data: INSTALLED,
    load: async () => (await import('../services.js')).resetServiceCertificate,
  },
  {
    name: 'restartservice',
    help: 'Restart the daemon of a service.',
    parameters: [required('service', 'cpanel, dovecot, exim, ftp, or the name of a daemon of these')],
    data: object({ service: text, state: { ...text, enum: ['restarted', 'reloaded', 'started'] } }),
    load: async () => (await import('../services.js')).restartService,
  },
  {
    name: 'get_best_ssldomain_for_service',
    help: 'The name under which people reach a service without a warning.',
    parameters: [required('service', 'a service, or a part of one: whostmgr, webmail, imap …')],
    data: object({
      ssldomain: text,
      ssldomain_matches_cert: flag,
      is_self_signed: flag,
      is_wild_card: flag,
      is_currently_valid: flag,
      cert_valid_not_after: orNull(integer),
      cert_match_method: {
        ...text,
        enum: [
          'none',
          'exact',
          'exact-wildcard',
          'mail-wildcard',
          'www-wildcard',
          'localdomain_on_cert',
          'localdomain_on_cert-mail-wildcard',
          'localdomain_on_cert-www-wildcard',
        ],
      },
    }),
    load: async () => (await import('../services.js')).getBestDomain,
  },
];
