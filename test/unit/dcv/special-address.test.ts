import { describe, expect, test } from '@jest/globals';
import { isSpecialAddress } from '../../../src/core/dcv/special-address.js';

describe('an address that no public CA would connect to', () => {
  test.each([
    '127.0.0.1',
    '127.255.0.9',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    '::127.0.0.1',
    '::ffff:0:10.0.0.1',
    '64:ff9b:1::1',
    '2001::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    'fec0::1',
    '100::1',
    '192.0.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '198.51.100.1',
    '203.0.113.1',
    '100.127.255.255',
    '240.0.0.1',
    '127.1',
    '0x7f000001',
    'not an address',
    '',
  ])('%s', (address) => {
    expect(isSpecialAddress(address)).toBe(true);
  });
});

describe('an address of the public internet', () => {
  test.each([
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.0.1.1',
    '223.255.255.255',
    '100.128.0.1',
    '169.255.0.1',
    '2001:200::1',
    '2003::1',
    '2001:4860:4860::8888',
    '2a00::1',
  ])('%s', (address) => {
    expect(isSpecialAddress(address)).toBe(false);
  });
});
