import { expect, test } from '@jest/globals';
import { type AskedDirectory, wasCertifiedAt } from '../../../../src/core/order/limits/certified-before.js';

const OWN = 'https://acme.ca.test/directory';
const STAGING = 'https://acme-staging.ca.test/directory';
const BEFORE = { provider: 'LetsEncrypt', directoryUrl: OWN, names: ['a.test', 'www.a.test'] };

test.each<[string, boolean, Partial<AskedDirectory>, Partial<typeof BEFORE>]>([
  ['the same names at the same directory', true, {}, {}],
  ['in another order', true, {}, { names: ['www.a.test', 'a.test'] }],
  ['a name less', false, {}, { names: ['a.test'] }],
  ['by another provider', false, {}, { provider: 'ZeroSSL' }],
  ['in the staging environment of the same provider', false, {}, { directoryUrl: STAGING }],
  ['by the provider, and now its staging environment is asked', false, { directoryUrl: STAGING }, {}],
  ['adopted: from the provider’s own directory', true, {}, { directoryUrl: '' }],
  ['adopted, and another directory is asked', false, { directoryUrl: STAGING }, { directoryUrl: '' }],
])('certified before: %s', (_, expected, asked, before) => {
  const at = { name: 'LetsEncrypt', knownDirectoryUrl: OWN, directoryUrl: OWN, ...asked };
  expect(wasCertifiedAt(at, ['a.test', 'www.a.test'], [{ ...BEFORE, ...before }])).toBe(expected);
});
