import type { ApiFunction } from './function.js';
import type { Parameter } from './parameter.js';

/** Each function on a line of its own, and what it does below it. */
export function renderFunctionList(functions: readonly Pick<ApiFunction<never>, 'name' | 'help'>[]): string {
  return functions.map(({ name, help }) => `  ${name}\n      ${help}\n`).join('');
}

/** What a function takes and gives, for `--help FUNCTION`. */
export function renderFunctionHelp(program: string, called: ApiFunction<never>): string {
  const { name, help, parameters, data } = called;
  const words = parameters.map(usageOf);
  const width = Math.max(0, ...parameters.map((one) => one.name.length));
  const lines = parameters.map((one) => `  ${one.name.padEnd(width)}  ${one.help}${notesOf(one)}\n`);
  return [
    `Usage: ${[program, name, ...words].join(' ')}\n\n${help}\n`,
    lines.length === 0 ? '' : `\nParameters:\n${lines.join('')}`,
    data === null ? '\nGives no data.\n' : `\nData (JSON Schema):\n${JSON.stringify(data, null, 2)}\n`,
  ].join('');
}

function usageOf({ name, isRequired, isRepeatable }: Parameter): string {
  const word = `${name}=…${isRepeatable ? ' …' : ''}`;
  return isRequired ? word : `[${word}]`;
}

function notesOf({ type, isRequired, isRepeatable }: Parameter): string {
  const notes = [
    isRequired ? null : 'optional',
    type === 'flag' ? '1 or 0' : null,
    type === 'json' ? 'JSON' : null,
    isRepeatable ? 'may be repeated or numbered' : null,
  ].filter((note) => note !== null);
  return notes.length === 0 ? '' : ` (${notes.join(', ')})`;
}
