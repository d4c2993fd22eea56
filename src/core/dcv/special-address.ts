import { BlockList, isIP } from 'node:net';

/** IANA special-purpose registries (RFC 6890 and successors): nothing that a public CA would connect to. */
const IPV4_RANGES: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** The last five embed or tunnel IPv4 addresses and could name any of those above. */
const IPV6_RANGES: readonly (readonly [string, number])[] = [
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  ['100::', 64],
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
];

// One list for each family: in a shared list the ::ffff:0:0/96 range would also match every plain IPv4 address.
const specialIpv4 = new BlockList();
for (const [address, bits] of IPV4_RANGES) specialIpv4.addSubnet(address, bits, 'ipv4');
const specialIpv6 = new BlockList();
for (const [address, bits] of IPV6_RANGES) specialIpv6.addSubnet(address, bits, 'ipv6');

/** Whether the address is loopback, link-local, private, multicast or otherwise not of the public internet. */
export function isSpecialAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return specialIpv4.check(address, 'ipv4');
  if (family === 6) return specialIpv6.check(address, 'ipv6');
  return true;
}
