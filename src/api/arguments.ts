import { findSourceFault } from '../core/domain/json/source-items.js';
import { quoteForMessage } from '../core/domain/name/names.js';
import type { Parameter } from './parameter.js';
import { ApiRefusal } from './refusal.js';

/** Far more than a certificate chain with its key needs. */
const MAX_VALUE_LENGTH = 1024 * 1024;
/** Parallel lists of a whole server's websites. */
const MAX_VALUES = 100_000;
/** Parameters that every function takes: what is shown of its answer (`modifiers.ts`), and the version of the API. */
const MODIFIER_PREFIX = 'api.';
/** No function takes more than a flat object. */
const MAX_JSON_DEPTH = 20;
const NUMBERED = /^(.+?)-(\d{1,6})$/;

/** One `key=value` word, decoded. */
export interface Word {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads `key=value` words. Values are URI-decoded where `%` begins an escape (a `+` stays one: certificates hold it);
 * what is no escape stays as it is. A word without `=` is a name with an empty value. @throws ApiRefusal
 */
export function readWords(words: readonly string[]): Word[] {
  if (words.length > MAX_VALUES) throw new ApiRefusal(`More than ${MAX_VALUES} parameters were given.`);
  return words.map((word) => {
    const at = word.indexOf('=');
    const name = decoded(at === -1 ? word : word.slice(0, at), 'a parameter name');
    if (name === '') throw new ApiRefusal(`${quoteForMessage(word)} has no parameter name before the “=”.`);
    return { name, value: at === -1 ? '' : decoded(word.slice(at + 1), quoteForMessage(name)) };
  });
}

/** What a function was called with, checked against its table row. */
export class Arguments {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  /** The words of `api.*`. */
  readonly modifiers: readonly Word[];

  /**
   * @throws ApiRefusal for a parameter that is missing, unknown (a typing mistake must not clear a list), given twice, or
   * not of its type
   */
  constructor(words: readonly Word[], parameters: readonly Parameter[]) {
    this.modifiers = words.filter(({ name }) => name.startsWith(MODIFIER_PREFIX));
    const own = words.filter(({ name }) => !name.startsWith(MODIFIER_PREFIX));
    const collected = new Map<string, { readonly number: number; readonly value: string }[]>();
    for (const { name, value } of own) {
      const known = parameterOf(name, parameters);
      if (known === undefined) {
        throw new ApiRefusal(`The parameter ${quoteForMessage(name)} is not known to this function.`);
      }
      if (value.length > MAX_VALUE_LENGTH) {
        throw new ApiRefusal(`The value of “${known.name}” is longer than ${MAX_VALUE_LENGTH} characters.`);
      }
      const values = collected.get(known.name) ?? [];
      if (values.length > 0 && !known.parameter.isRepeatable) {
        throw new ApiRefusal(`The parameter “${known.name}” was given more than once.`);
      }
      checkType(known.parameter, known.name, value);
      collected.set(known.name, [...values, { number: known.number, value }]);
    }
    for (const { name, isRequired } of parameters) {
      if (isRequired && !collected.has(name)) throw new ApiRefusal(`The parameter “${name}” is required.`);
    }
    this.#values = new Map(
      [...collected].map(([name, values]) => [
        name,
        [...values].sort((a, b) => a.number - b.number).map(({ value }) => value),
      ]),
    );
  }

  /** The value of a parameter that is required. */
  text(name: string): string {
    return this.#values.get(name)?.[0] ?? '';
  }

  /** Undefined when it was not given. */
  optional(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  /** Of a repeatable parameter: numbered ones in the order of their numbers. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /**
   * The names of a parameter that is repeated or, with `separator`, holds several; none where it was not given. An empty one is
   * a script's variable that was never set, and must not clear a list. @throws ApiRefusal
   */
  names(name: string, separator?: string): readonly string[] {
    const values = this.all(name).flatMap((value) =>
      separator === undefined ? [value] : value.split(separator),
    );
    const names = values.map((value) => value.trim());
    if (names.includes('')) throw new ApiRefusal(`The parameter “${name}” holds an empty name.`);
    return names;
  }

  /** Undefined when it was not given. */
  flag(name: string): boolean | undefined {
    const value = this.optional(name);
    return value === undefined ? undefined : value === '1';
  }

  integer(name: string): number | undefined {
    const value = this.optional(name);
    return value === undefined ? undefined : Number(value);
  }

  json(name: string): unknown {
    return JSON.parse(this.text(name));
  }

  /** Names that were given and begin so, with their values. */
  beginning(prefix: string): ReadonlyMap<string, string> {
    const found = [...this.#values].filter(([name]) => name.startsWith(prefix));
    return new Map(found.map(([name, [value = '']]) => [name, value]));
  }
}

function parameterOf(
  name: string,
  parameters: readonly Parameter[],
): { readonly parameter: Parameter; readonly name: string; readonly number: number } | undefined {
  const exact = parameters.find((one) => one.name === name);
  if (exact !== undefined) return { parameter: exact, name, number: 0 };
  const [, base = '', number = ''] = NUMBERED.exec(name) ?? [];
  const numbered = parameters.find((one) => one.name === base && one.isRepeatable);
  if (numbered !== undefined) return { parameter: numbered, name: base, number: Number(number) };
  const family = parameters.find((one) => one.name.endsWith('*') && name.startsWith(one.name.slice(0, -1)));
  return family === undefined ? undefined : { parameter: family, name, number: 0 };
}

function checkType({ type }: Parameter, name: string, value: string): void {
  if (type === 'flag' && value !== '0' && value !== '1') {
    throw new ApiRefusal(`The parameter “${name}” must be 1 or 0, not ${quoteForMessage(value)}.`);
  }
  if (type === 'integer' && !/^\d{1,15}$/.test(value)) {
    throw new ApiRefusal(`The parameter “${name}” must be a whole number, not ${quoteForMessage(value)}.`);
  }
  const fault = type === 'json' ? faultOfJson(value) : null;
  if (fault !== null) throw new ApiRefusal(`The parameter “${name}” ${fault}.`);
}

/** What is wrong with a JSON text, in words that follow its name; null: nothing. */
export function faultOfJson(value: string): string | null {
  try {
    JSON.parse(value);
  } catch {
    return 'is not valid JSON';
  }
  const fault = findSourceFault(value, MAX_JSON_DEPTH);
  if (fault === undefined) return null;
  return fault.kind === 'too-deep'
    ? 'is nested too deeply'
    : `names ${quoteForMessage(fault.key)} twice in one object`;
}

function decoded(value: string, what: string): string {
  const escapes = /(?:%[0-9a-f]{2})+/gi;
  return value.replace(escapes, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      throw new ApiRefusal(`The value of ${what} holds an escape that is no UTF-8: ${quoteForMessage(run)}.`);
    }
  });
}
