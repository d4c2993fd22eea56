import { expect, test } from '@jest/globals';
import { type PlannedAt, plannedExemption } from '../../../../src/core/order/limits/planned-exemption.js';
import {
  type Exemption,
  LETS_ENCRYPT_LIMITS,
  NO_PUBLISHED_LIMITS,
} from '../../../../src/core/order/limits/published-limits.js';

const OURS = { directoryUrl: 'https://ca.test/dir', acmeAccountUrl: 'https://ca.test/account/1' };
const AT: PlannedAt = { provider: 'LetsEncrypt', published: LETS_ENCRYPT_LIMITS, account: OURS };
const ISSUED = {
  ...OURS,
  provider: 'LetsEncrypt',
  fingerprint: 'aa',
  names: ['a.test', 'www.a.test'],
  ariCertificateId: 'AAAA.1',
};

interface Case {
  readonly names?: readonly string[];
  readonly issued?: Partial<typeof ISSUED & { readonly replaces: string }>;
  readonly at?: Partial<PlannedAt>;
  readonly others?: readonly { readonly replaces: string }[];
}

test.each<[string, Exemption | null, Case]>([
  ['a renewal of the same names', 'replaces', {}],
  ['a renewal with a name more', 'replaces', { names: ['a.test', 'www.a.test', 'new.test'] }],
  [
    'a renewal whose certificate has another account',
    null,
    { issued: { acmeAccountUrl: 'x' }, names: ['a.test'] },
  ],
  ['one of another directory', null, { issued: { directoryUrl: 'x' }, names: ['a.test'] }],
  ['one that another certificate replaced', null, { names: ['a.test'], others: [{ replaces: 'AAAA.1' }] }],
  ['one that has no name in common', null, { names: ['b.test'] }],
  ['a CA without renewal information, the same names', 'same-names', { at: { account: null } }],
  ['a CA without renewal information, other names', null, { at: { account: null }, names: ['a.test'] }],
  ['the same names by another CA', null, { at: { account: null }, issued: { provider: 'Actalis' } }],
  ['a CA that exempts nothing', null, { at: { published: NO_PUBLISHED_LIMITS } }],
])('%s: %s', (_, expected, { names = ISSUED.names, issued = {}, at = {}, others = [] }) => {
  const records = [
    ...others.map((one) => ({
      ...ISSUED,
      ...one,
      fingerprint: 'bb',
      ariCertificateId: 'BBBB.1',
      names: ['c.test'],
    })),
    { ...ISSUED, ...issued },
  ];
  expect(plannedExemption({ names, inPlace: 'aa' }, records, { ...AT, ...at })).toBe(expected);
});
