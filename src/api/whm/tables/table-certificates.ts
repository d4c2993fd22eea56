import { CERTIFICATE_ROW } from '../../certificate-rows.js';
import type { ApiFunction } from '../../function.js';
import { optional, repeated, required } from '../../parameter.js';
import { flag, integer, list, object, orNull, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

const CRT = required('crt', 'the certificate, PEM');
const KEY = required('key', 'its private key, PEM, without passphrase');
const CAB = optional(
  'cab',
  'certificates of its issuers, PEM, in any order; what is missing is looked for here',
);

/** What became of one installation. */
export const INSTALLATION = object({
  action: text,
  domain: text,
  servername: text,
  user: text,
  ip: orNull(text),
  aliases: list(text),
  working_domains: list(text),
  warning_domains: list(text),
  extra_certificate_domains: list(text),
  message: text,
  statusmsg: text,
  status: flag,
  html: text,
});

const CHANGES: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'installssl',
    help: 'Give a website a certificate; it is tested, loaded and asked for.',
    parameters: [
      required('domain', 'the website, or any name of it'),
      CRT,
      KEY,
      CAB,
      optional('ip', 'address of the website; refused unless it is that'),
    ],
    data: INSTALLATION,
    load: async () => (await import('../certificates.js')).installSsl,
  },
  {
    name: 'enqueue_deferred_ssl_installations',
    help: 'Give many websites certificates with one reload: parallel lists.',
    parameters: [
      repeated(required('username', 'the account')),
      repeated(required('vhost_name', 'its website')),
      repeated(CRT),
      repeated(KEY),
      repeated(CAB),
    ],
    data: object({}),
    load: async () => (await import('../certificates.js')).installMany,
  },
  {
    name: 'delete_ssl_vhost',
    help: 'Take a website’s certificate away; a placeholder takes its place.',
    parameters: [required('host', 'the website, or any name of it')],
    data: object({
      output: list(text),
      removed_vhost_data: list(
        object({
          ip_port: list(text),
          is_ssl: flag,
          primary_on_ip_port: orNull(text),
          servername: text,
          vhost_entry: text,
        }),
      ),
    }),
    load: async () => (await import('../certificates.js')).deleteSslVhost,
  },
];

const WEBSITES: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'fetch_ssl_vhosts',
    help: 'The websites that have a certificate, and which.',
    parameters: [],
    data: object({
      vhosts: list(
        object({
          servername: text,
          user: text,
          type: { ...text, enum: ['main', 'addon', 'sub', 'parked'] },
          domains: list(text),
          docroot: text,
          ip: orNull(text),
          ipv6: orNull(text),
          iptype: { ...text, enum: ['shared', 'dedicated'] },
          is_primary_on_ip: flag,
          needs_sni: flag,
          mail_sni_status: flag,
          crt: CERTIFICATE_ROW,
        }),
      ),
    }),
    load: async () => (await import('../ssl-websites.js')).fetchSslVhosts,
  },
  {
    name: 'fetch_vhost_ssl_components',
    help: 'Certificate, issuers and private key of each website.',
    parameters: [],
    data: object({
      components: list(
        object({
          servername: text,
          certificate: text,
          certificate_id: text,
          key: orNull(text),
          key_id: orNull(text),
          cabundle: text,
          cabundle_id: orNull(text),
        }),
      ),
    }),
    load: async () => (await import('../ssl-websites.js')).fetchVhostComponents,
  },
];

const MATERIAL: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'fetchsslinfo',
    help: 'What could be installed for a domain, or with a certificate.',
    parameters: [
      optional('domain', 'a name'),
      optional('user', 'the account that has it'),
      optional('crtdata', 'a certificate, PEM'),
    ],
    data: object({
      domain: text,
      user: text,
      ip: orNull(text),
      crt: text,
      crt_id: text,
      key: text,
      key_id: orNull(text),
      cab: text,
      status: flag,
      statusmsg: text,
    }),
    load: async () => (await import('../known-certificates.js')).fetchSslInfo,
  },
  {
    name: 'listcrts',
    help: 'The certificates that are kept here of an account, or of root.',
    parameters: [
      optional('user', 'the account; absent: root, who keeps what generatessl makes'),
      optional('registered', 'only those in place or kept by root, or only former ones', 'flag'),
    ],
    data: object({
      crt: list(
        object({
          domain: text,
          domains: list(text),
          domain_owners: list(orNull(text)),
          friendly_name: text,
          id: text,
          is_self_signed: flag,
          'issuer.organizationName': orNull(text),
          key_algorithm: text,
          modulus_length: orNull(integer),
          ecdsa_curve_name: orNull(text),
          not_after: integer,
          registered: flag,
          signature_algorithm: text,
          validation_type: orNull(text),
        }),
      ),
    }),
    load: async () => (await import('../known-certificates.js')).listCertificates,
  },
  {
    name: 'generatessl',
    help: 'Make a key, a signing request and a self-signed certificate.',
    parameters: [
      required('domains', 'names, parted by commas'),
      optional('countryName', 'two capital letters'),
      optional('stateOrProvinceName', 'of the subject'),
      optional('localityName', 'of the subject'),
      optional('organizationName', 'of the subject'),
      optional('organizationalUnitName', 'of the subject'),
      optional('emailAddress', 'of the subject; nothing is mailed'),
      optional(
        'keysize',
        'bits of an RSA key, 2048 or 4096; else the kind of key that is usual here',
        'integer',
      ),
      optional('pass', 'challenge password of the request'),
      optional('skip_certificate', 'make no certificate', 'flag'),
    ],
    data: object({
      cert: text,
      cert_id: text,
      certfile: text,
      csr: text,
      csr_id: text,
      csrfile: text,
      key: text,
      key_id: text,
      keyfile: text,
      sender: text,
      sender_host: text,
    }),
    load: async () => (await import('../known-certificates.js')).generateSsl,
  },
];

/** Certificates of websites, and material for such (behaviour section 9.4). */
export const CERTIFICATE_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [...CHANGES, ...WEBSITES, ...MATERIAL];
