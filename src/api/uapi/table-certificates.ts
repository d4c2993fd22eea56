import { CERTIFICATE_ROW } from '../certificate-rows.js';
import { optional, required } from '../parameter.js';
import { flag, list, object, text } from '../shape.js';
import { INSTALLATION } from '../whm/tables/table-certificates.js';
import type { UapiRow } from './function.js';

const CERTIFICATE_ITSELF = 'the certificate itself, PEM';

/** The account's certificates (behaviour section 9.5). */
export const CERTIFICATE_FUNCTIONS: readonly UapiRow[] = [
  {
    name: 'installed_hosts',
    help: 'The websites that have a certificate, and that certificate.',
    parameters: [],
    data: list(
      object({
        servername: text,
        user: text,
        docroot: text,
        domains: list(text),
        fqdns: list(text),
        certificate: CERTIFICATE_ROW,
      }),
    ),
    rights: 'account',
    load: async () => (await import('./certificates.js')).installedHosts,
  },
  {
    name: 'list_certs',
    help: 'The certificates that this server has of the account: those in use, and former ones that are kept.',
    parameters: [],
    data: list({
      allOf: [CERTIFICATE_ROW, object({ friendly_name: text, is_installed: flag, servername: text })],
    }),
    rights: 'sudo',
    load: async () => (await import('./certificates.js')).listCerts,
  },
  {
    name: 'get_cabundle',
    help: 'The certificates of the issuers of one of the account’s certificates.',
    parameters: [required('cert', CERTIFICATE_ITSELF)],
    data: object({ cab: text, domain: text }),
    rights: 'account',
    load: async () => (await import('./certificates.js')).getCabundle,
  },
  {
    name: 'fetch_key_and_cabundle_for_certificate',
    help: 'The same with the private key of a certificate in use. For root alone.',
    parameters: [required('certificate', CERTIFICATE_ITSELF)],
    data: object({ cab: text, crt: text, domain: text, key: text }),
    rights: 'root',
    load: async () => (await import('./certificates.js')).fetchKeyAndCabundle,
  },
  {
    name: 'install_ssl',
    help: 'Give a website of the account a certificate; it is tested, loaded and asked for. For root alone.',
    parameters: [
      required('domain', 'the website, or any name of it'),
      required('cert', 'the certificate, PEM'),
      required('key', 'its private key, PEM, without passphrase'),
      optional('cabundle', 'certificates of its issuers, PEM; what is missing is looked for here'),
    ],
    data: INSTALLATION,
    rights: 'root',
    load: async () => (await import('./installation.js')).installSsl,
  },
  {
    name: 'delete_ssl',
    help: 'Take the certificate of a website of the account away; a placeholder takes its place. For root alone.',
    parameters: [required('domain', 'the website, or any name of it')],
    data: null,
    rights: 'root',
    load: async () => (await import('./installation.js')).deleteSsl,
  },
];
