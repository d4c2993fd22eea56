import { UsageError } from '../core/domain/autossl-error.js';
import { quoteForMessage } from '../core/domain/name/names.js';
import { faultOfJson, type Word } from './arguments.js';
import type { Parameter } from './parameter.js';
import { ApiRefusal } from './refusal.js';

/** Certificates with their keys for some thousands of websites. */
const MAX_INPUT_BYTES = 32 * 1024 * 1024;

/**
 * The parameters that `--input=json` gives: an object of names with texts, numbers, or lists of these where a parameter may be
 * repeated; of a parameter that takes JSON the value itself will do. Nothing is URI-decoded. @throws ApiRefusal
 */
export function readInput(input: string | null, parameters: readonly Parameter[]): Word[] {
  if (input === null) return [];
  const fault = faultOfJson(input);
  if (fault !== null) throw new ApiRefusal(`The input ${fault}.`);
  const given: unknown = JSON.parse(input);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ApiRefusal('The input is not a JSON object of parameters.');
  }
  return Object.entries(given).flatMap(([name, value]) => {
    const isJson = parameters.some((one) => one.name === name && one.type === 'json');
    return isJson && typeof value !== 'string'
      ? [{ name, value: JSON.stringify(value) }]
      : wordsOf(name, value);
  });
}

function wordsOf(name: string, value: unknown): Word[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => wordsOf(name, one));
  if (typeof value === 'string') return [{ name, value }];
  if (typeof value === 'boolean') return [{ name, value: value ? '1' : '0' }];
  if (value === null) throw new ApiRefusal(`The parameter ${quoteForMessage(name)} is null.`);
  if (typeof value === 'object') throw new ApiRefusal(`The parameter ${quoteForMessage(name)} is no text.`);
  return [{ name, value: String(value) }];
}

/** The same as words of a command line, for uapi-root: no function that it has takes a key. @throws UsageError BAD_ARGUMENT */
export function wordsOfInput(input: string | null, parameters: readonly Parameter[]): string[] {
  const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('=', '%3D');
  try {
    return readInput(input, parameters).map(({ name, value }) => `${escaped(name)}=${escaped(value)}`);
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    throw new UsageError('BAD_ARGUMENT', error.message);
  }
}

/**
 * What comes on standard input where `--input` was said; null: it was not. @throws UsageError BAD_ARGUMENT for a format that
 * there is not, and for more than any call needs
 */
export async function takeInput(
  format: string | undefined,
  source: AsyncIterable<Uint8Array | string>,
): Promise<string | null> {
  if (format === undefined) return null;
  if (format !== 'json') {
    throw new UsageError(
      'BAD_ARGUMENT',
      `there is no input format ${quoteForMessage(format)}; there is json`,
    );
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of source) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > MAX_INPUT_BYTES) {
      throw new UsageError('BAD_ARGUMENT', `the input is larger than ${MAX_INPUT_BYTES} bytes`);
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString('utf8');
}
