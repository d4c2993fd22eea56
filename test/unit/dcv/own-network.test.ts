import { describe, expect, test } from '@jest/globals';
import { AddressRanges, isNetwork } from '../../../src/core/dcv/address-ranges.js';
import { mayConnect } from '../../../src/core/dcv/own-network.js';

const policy = {
  ownAddresses: ['198.51.100.7', '10.0.0.8', '127.0.0.1', '::1', 'fe80::8', '2001:db8::8'],
  addressMap: new Map([['203.0.113.7', '172.16.0.7']]),
  privateNetworks: new AddressRanges(['192.168.5.0/24', 'fd00:5::/32', '100.64.0.9']),
};

describe('validation connects to', () => {
  test.each([
    ['an address of the public internet', '8.8.8.8'],
    ['one of IPv6', '2a00:1450::1'],
    ['an address of this server, behind a balancer or translation', '10.0.0.8'],
    ['an address of this server that only documentation has', '198.51.100.7'],
    ['the public side of the map', '203.0.113.7'],
    ['the local side of the map', '172.16.0.7'],
    ['a network that the settings name', '192.168.5.250'],
    ['a network of IPv6 that they name', 'fd00:5:1::1'],
    ['a single address that they name', '100.64.0.9'],
  ])('%s', (_, address) => {
    expect(mayConnect(address, policy)).toBe(true);
  });
});

describe('validation does not connect to', () => {
  test.each([
    ['loopback, which is every machine’s own', '127.0.0.1'],
    ['other loopback addresses', '127.8.8.8'],
    ['loopback of IPv6', '::1'],
    ['a link-local address of ours', 'fe80::8'],
    ['the address at which clouds hand out secrets', '169.254.169.254'],
    ['a neighbour in our network', '10.0.0.9'],
    ['a network beside one that is named', '192.168.6.1'],
    ['an IPv4 address in the clothes of IPv6, be it ours', '::ffff:10.0.0.8'],
    ['the same in hexadecimal digits', '::ffff:a00:8'],
    ['one that translates to a named network', '64:ff9b::c0a8:501'],
    ['6to4 of a private address', '2002:a00:8::'],
    ['all addresses of this machine', '0.0.0.0'],
    ['the same of IPv6', '::'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['what is no address', 'localhost'],
    ['an address that only some libraries read', '10.8'],
  ])('%s', (_, address) => {
    expect(mayConnect(address, policy)).toBe(false);
  });

  test('loopback can be named too', () => {
    const loopback = new AddressRanges(['127.0.0.0/8', '::1']);
    const rig = { ...policy, privateNetworks: loopback };
    expect(['127.0.0.1', '127.9.9.9', '::1'].every((address) => mayConnect(address, rig))).toBe(true);
    expect(mayConnect('::ffff:127.0.0.1', rig)).toBe(false);
  });
});

describe('a network in the settings', () => {
  test.each(['10.0.0.0/8', '10.0.0.1', '0.0.0.0/0', 'fd00::/8', '::1', '::/0', '2001:db8::/128'])(
    '%s is taken',
    (text) => {
      expect(isNetwork(text)).toBe(true);
    },
  );
  test.each([
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10/8',
    'fd00::/129',
    'fe80::1%eth0',
    'all',
    '10.0.0.0/8/8',
  ])('“%s” is not', (text) => {
    expect(isNetwork(text)).toBe(false);
    expect(() => new AddressRanges([text])).toThrow(TypeError);
  });
});
