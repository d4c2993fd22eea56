import { expect, test } from '@jest/globals';
import type { AddressObservation } from '../../../src/core/dcv/outcome.js';
import { judgePublicDns } from '../../../src/core/dcv/public-dns.js';

const OWN = {
  ownAddresses: ['203.0.113.1', '2001:db8::1'],
  addressMap: new Map([['198.51.100.7', '10.0.0.7']]),
};
const found = (
  ipv4: readonly string[] | string,
  ipv6: readonly string[] | string = 'ENODATA',
): AddressObservation => ({
  ipv4: typeof ipv4 === 'string' ? [] : ipv4,
  ipv6: typeof ipv6 === 'string' ? [] : ipv6,
  ipv4Error: typeof ipv4 === 'string' ? ipv4 : null,
  ipv6Error: typeof ipv6 === 'string' ? ipv6 : null,
});

test.each<[string, AddressObservation, readonly string[] | null, boolean | null]>([
  ['an address of this server', found(['203.0.113.1']), ['203.0.113.1'], true],
  ['both families here', found(['203.0.113.1'], ['2001:db8::1']), ['203.0.113.1', '2001:db8::1'], true],
  ['an address that is translated to one of ours', found(['198.51.100.7']), ['198.51.100.7'], true],
  ['somewhere else', found(['192.0.2.1']), ['192.0.2.1'], false],
  ['IPv6 elsewhere', found(['203.0.113.1'], ['2001:db8::9']), ['203.0.113.1', '2001:db8::9'], false],
  ['no such name', found('ENOTFOUND', 'ENOTFOUND'), [], false],
  ['no address', found('ENODATA', 'ENODATA'), [], false],
  ['nobody answers', found('ETIMEOUT', 'ETIMEOUT'), null, null],
  ['an answer for one family only', found('ESERVFAIL', 'ENODATA'), null, null],
  ['an address, and silence for the other family', found(['203.0.113.1'], 'ETIMEOUT'), ['203.0.113.1'], true],
])('%s', (_, observation, publicAddresses, pointsHere) => {
  expect(judgePublicDns(observation, OWN)).toEqual({ publicAddresses, pointsHere });
});
