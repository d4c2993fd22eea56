import { ipVersion } from '../domain/name/ip-version.js';
import { AddressRanges } from './address-ranges.js';

/** What is of one machine or one wire: never an address by which a server is known to others. */
const OF_THIS_MACHINE = new AddressRanges([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::/128',
  '::1/128',
  'fe80::/10',
]);

/** IANA special-purpose registries (RFC 6890 and successors): what is not globally reachable, or embeds what may not be. */
const SPECIAL = new AddressRanges([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // One of Microsoft's, which answers every machine of its cloud and nobody else.
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Unspecified, loopback and the former IPv4-compatible ones, IPv4-mapped, IPv4-translated.
  '::/96',
  '::ffff:0:0/96',
  '::ffff:0:0:0/96',
  // NAT64, of everybody and of one network; 6to4; Teredo and whatever else of 2001::/23 is for protocols.
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  '2001::/23',
  '100::/64',
  '2001:db8::/32',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);

/** Whether the address is loopback, link-local, private, multicast or otherwise not of the public internet. */
export function isSpecialAddress(address: string): boolean {
  return ipVersion(address) === 0 || SPECIAL.has(address);
}

/** Whether the address means another machine to each that uses it: loopback, link-local, unspecified. */
export function isMachineLocal(address: string): boolean {
  return OF_THIS_MACHINE.has(address);
}
