import { expect, test } from '@jest/globals';
import { judgePrivateView } from '../../../src/core/dcv/private-view.js';
import { at, seen } from '../../support/dcv-observations.js';

const policy = {
  ownAddresses: ['192.0.2.7', '10.0.0.8'],
  addressMap: new Map([
    ['192.0.2.8', '10.0.0.8'],
    ['10.0.0.8', '10.0.0.8'],
  ]),
};

test.each([
  [
    'a mapped address that is silent is tried at the local one',
    '192.0.2.8',
    'ETIMEDOUT',
    undefined,
    '10.0.0.8',
  ],
  ['a mapped address that refuses too', '192.0.2.8', 'ECONNREFUSED', undefined, '10.0.0.8'],
  ['but only once', '192.0.2.8', 'ETIMEDOUT', '10.0.0.8', null],
  ['an address mapped to itself is not tried again', '10.0.0.8', 'ETIMEDOUT', undefined, null],
  ['an unmapped own address has nowhere else to be tried', '192.0.2.7', 'ETIMEDOUT', undefined, null],
  ['a mapped address that answers is believed', '192.0.2.8', null, undefined, null],
  ['a foreign address has no local one', '203.0.113.1', 'ETIMEDOUT', undefined, null],
])('%s', (_case, address, error, localAddress, retryAt) => {
  const fetch = at(address, error === null ? seen({ status: 404 }) : seen({ error }));
  const tried = localAddress === undefined ? fetch : { ...fetch, localAddress };
  expect(judgePrivateView(tried, policy).retryAt).toBe(retryAt);
});
