import { expect, test } from '@jest/globals';
import { callFunction } from '../../../src/api/answer.js';
import type { ApiFunction } from '../../../src/api/function.js';

const given = (...words: string[]) => ({ words, input: null });

test('modifiers of a function without rows are a warning, not a failure of what it did', async () => {
  let calls = 0;
  const changing: ApiFunction<null> = {
    name: 'change',
    help: 'Changes something.',
    parameters: [],
    data: null,
    load: async () => async () => {
      calls += 1;
      return {};
    },
  };
  const words = ['api.sort.enable=1', 'api.sort.a.field=x'];
  expect(await callFunction(changing, given(...words), null)).toMatchObject({
    isDone: true,
    answer: { warnings: [expect.stringContaining('gives no rows')] },
  });
  expect(await callFunction(changing, given(), null)).toEqual({ isDone: true, answer: {} });
  expect(calls).toBe(2);
  // A mistyped one is refused before anything is done.
  expect(await callFunction(changing, given('api.sort.enabel=1'), null)).toMatchObject({ isDone: false });
  expect(calls).toBe(2);
});

test('modifiers that are not switched on do nothing, as documented, and that is told', async () => {
  const listing: ApiFunction<null> = {
    name: 'list',
    help: 'Lists.',
    parameters: [],
    data: null,
    load: async () => async () => ({ data: { rows: [{ a: 1 }, { a: 2 }] }, rows: 'rows' }),
  };
  const words = ['api.filter.a.field=a', 'api.filter.a.arg0=1', 'api.sort.enable=0', 'api.sort.a.field=a'];
  expect(await callFunction(listing, given(...words), null)).toEqual({
    isDone: true,
    answer: {
      data: { rows: [{ a: 1 }, { a: 2 }] },
      rows: 'rows',
      warnings: ['api.filter was not applied: it takes api.filter.enable=1.'],
    },
  });
});
