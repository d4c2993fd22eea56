import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Arguments, type Word } from '../../../src/api/arguments.js';
import type { ApiFunction } from '../../../src/api/function.js';
import type { Parameter } from '../../../src/api/parameter.js';
import { UAPI_FUNCTIONS } from '../../../src/api/uapi/table.js';
import { WHM_FUNCTIONS } from '../../../src/api/whm/tables/table.js';

type Sample = Readonly<
  Record<string, { readonly required?: readonly string[]; readonly optional?: readonly string[] }>
>;
const { whm, uapi } = JSON.parse(readFileSync('fixtures/api/parameters.json', 'utf8')) as {
  readonly whm: Sample;
  readonly uapi: Sample;
};
/** A value that no type refuses. */
const ANY = '1';

/** Whether a call with these names, and no more, gets as far as the function itself. */
function accepts(parameters: readonly Parameter[], names: readonly string[]): boolean {
  const words = names.map((name): Word => ({ name, value: ANY }));
  try {
    return new Arguments(words, parameters) !== null;
  } catch {
    return false;
  }
}

describe.each<[string, readonly Pick<ApiFunction<never>, 'name' | 'parameters'>[], Sample]>([
  ['whmapi1', WHM_FUNCTIONS, whm],
  ['uapi', UAPI_FUNCTIONS, uapi],
])('parameters of %s are the documented ones', (_, functions, sample) => {
  test('of every function', () => {
    const taking = functions.filter(({ parameters }) => parameters.length > 0).map(({ name }) => name);
    expect(Object.keys(sample).sort()).toEqual(taking.sort());
  });

  test.each(Object.entries(sample))('%s', (name, { required = [], optional = [] }) => {
    const parameters = functions.find((one) => one.name === name)?.parameters ?? [];
    const all = [...required, ...optional];
    expect({ required, isEnough: accepts(parameters, required) }).toEqual({ required, isEnough: true });
    expect({ all, isTaken: accepts(parameters, all) }).toEqual({ all, isTaken: true });
    // What is required there and may be left out here (an empty bundle) is our leniency; more than documented never is required.
    const needed = parameters.filter(({ isRequired }) => isRequired).map((one) => one.name);
    expect(required).toEqual(expect.arrayContaining(needed));
  });
});
