import { expect, test } from '@jest/globals';
import { namesToAsk } from '../../../src/core/domain/name/asked-names.js';

test.each<[string, string[], string[], string[]]>([
  [
    'a certificate of plain names is asked for by these',
    ['a.test', 'b.test'],
    ['a.test'],
    ['a.test', 'b.test'],
  ],
  [
    'the wanted names below it stand for a wildcard',
    ['a.test', '*.a.test'],
    ['a.test', 'www.a.test', 'mail.a.test', 'x.y.a.test'],
    ['a.test', 'www.a.test', 'mail.a.test'],
  ],
  ['a wildcard that was wanted is asked for as such', ['*.a.test'], ['*.a.test', 'www.a.test'], ['*.a.test']],
  ['one that covers nothing wanted, too', ['*.a.test'], ['b.test'], ['*.a.test']],
])('%s', (_, dnsNames, wanted, expected) => {
  expect(namesToAsk(dnsNames, wanted)).toEqual(expected);
});
