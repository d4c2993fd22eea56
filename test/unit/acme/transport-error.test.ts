import { expect, test } from '@jest/globals';
import { transportErrorOf } from '../../../src/adapters/acme/transport-error.js';

const url = new URL('https://ca.test/dir');

test.each([
  ['CERT_NOT_YET_VALID', '1970-01-01T00:00:12.000Z', 'is not valid yet'],
  ['CERT_HAS_EXPIRED', '2099-01-01T00:00:00.000Z', 'is not valid any longer'],
])('%s is told with what our clock says: one of the two is wrong', (code, now, words) => {
  const cause = Object.assign(new Error('x'), { code });
  expect(transportErrorOf(cause, 'GET', url, new Date(now))).toMatchObject({
    code: 'CLOCK_OR_CERTIFICATE',
    message: `the CA at ca.test shows a certificate that ${words} by our clock, which says ${now}`,
    advice: expect.stringMatching(/^Set the clock/),
  });
});

test('a certificate that nobody vouches for is no matter of the clock', () => {
  const cause = Object.assign(new Error('x'), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  expect(transportErrorOf(cause, 'GET', url)).toMatchObject({ code: 'UNTRUSTED_SERVER' });
});
