import * as v from 'valibot';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import type { ServiceProgramKind } from '../../../runs/ports/settings.js';
import { address, choice, daemonKeys, groupName, keys, mapping, port } from './setting-shapes.js';

/* The part `services` of /etc/autossl.yaml: the daemons that have certificates for the server's own name. */

const ENDPOINTS = 'a list of mappings with address, port and startTls';
const endpointKeys = {
  address,
  port,
  startTls: v.optional(v.picklist(['smtp', 'imap', 'pop3', 'ftp'], 'one of smtp, imap, pop3, ftp')),
};

const serviceBy = <const T extends readonly ServiceProgramKind[]>(kinds: T) =>
  v.optional(
    keys({
      kind: choice([...kinds], 'auto'),
      ...daemonKeys,
      endpoints: v.optional(
        v.array(v.pipe(mapping(ENDPOINTS), v.strictObject(endpointKeys, ENDPOINTS)), ENDPOINTS),
      ),
      keyGroup: v.optional(groupName),
      sni: v.optional(v.boolean('true or false'), true),
    }),
    {},
  );

const byService = {
  cpanel: serviceBy(['auto', 'command', 'none']),
  exim: serviceBy(['auto', 'exim', 'postfix', 'command', 'none']),
  dovecot: serviceBy(['auto', 'dovecot', 'command', 'none']),
  ftp: serviceBy(['auto', 'pure-ftpd', 'proftpd', 'vsftpd', 'command', 'none']),
} satisfies Readonly<Record<ServiceName, unknown>>;

const ADDRESSES = 'true, false or a list of addresses';
/** In a certificate with the hostname; profiles that take addresses take 25 names. */
const MOST_ADDRESSES = 10;

export const services = v.optional(
  keys({
    ...byService,
    ipAddresses: v.optional(
      v.union(
        [v.boolean(), v.pipe(v.array(address, ADDRESSES), v.maxLength(MOST_ADDRESSES, ADDRESSES))],
        ADDRESSES,
      ),
      false,
    ),
  }),
  {},
);

/** The keys below `services`: of all, of one of them, of one of its endpoints. */
export function serviceKeys(name: string | undefined, isEndpoint: boolean): readonly string[] {
  if (name === undefined) return [...Object.keys(byService), 'ipAddresses'];
  return isEndpoint
    ? Object.keys(endpointKeys)
    : ['kind', ...Object.keys(daemonKeys), 'endpoints', 'keyGroup', 'sni'];
}
