import { expect, test } from '@jest/globals';
import { localUrl, parseLocalUrl } from '../../../src/adapters/local-ca/resource-urls.js';

const ID = '1790000000000-0123456789abcdef';

test('a URL that we made is read back', () => {
  expect(parseLocalUrl(localUrl('order', ID), 'order')).toEqual({ orderId: ID, index: 0 });
  expect(parseLocalUrl(localUrl('challenge', ID, 99), 'challenge')).toEqual({ orderId: ID, index: 99 });
});

test.each([
  ['another resource', localUrl('order', ID)],
  ['another CA', `https://ca.example/challenge/${ID}/1`],
  ['something behind it', `${localUrl('challenge', ID, 1)}/../x`],
  ['a newline behind it', `${localUrl('challenge', ID, 1)}\n`],
  ['an id that climbs', 'local-ca:challenge/../../x/1'],
  ['nothing', ''],
])('%s is not a challenge', (_case, url) => {
  expect(parseLocalUrl(url, 'challenge')).toBeUndefined();
});
