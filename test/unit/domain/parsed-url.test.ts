import { expect, test } from '@jest/globals';
import { parsedUrl } from '../../../src/core/domain/parsed-url.js';

test.each([
  ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
  ['not a url', undefined],
])('%s', (text, href) => {
  expect(parsedUrl(text)?.href).toBe(href);
});

test('says the same however often it is asked (node:URL.canParse does not)', () => {
  for (let times = 0; times < 100_000; times += 1) {
    if (parsedUrl('https://bücher.example/ä') === null)
      throw new Error(`no URL any more after ${times} times`);
  }
});
