import { expect, test } from '@jest/globals';
import { accountChanges } from '../../../src/core/provider/account-changes.js';

const of = (...names: readonly string[]) =>
  names.map((one) => {
    const [name = '', domain = null] = one.split('@');
    return { name, domain };
  });

test.each([
  ['nothing changed', of('a@a.test'), of('a@a.test'), []],
  ['a new account', of('a@a.test'), of('a@a.test', 'b@b.test'), []],
  ['one is gone', of('a@a.test', 'b@b.test'), of('a@a.test'), [{ kind: 'terminated', former: 'b' }]],
  ['one is renamed', of('a@a.test'), of('b@a.test'), [{ kind: 'renamed', former: 'a', present: 'b' }]],
  [
    'its domain went to an account that was there',
    of('a@a.test', 'b@b.test'),
    of('b@a.test'),
    [{ kind: 'terminated', former: 'a' }],
  ],
  ['nobody knows its domain', of('a'), of('b'), [{ kind: 'terminated', former: 'a' }]],
])('%s', (_, before, now, changes) => {
  expect(accountChanges(before, now)).toEqual(changes);
});
