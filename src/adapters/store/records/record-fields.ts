import { StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';

/** The fields of one record as found in its file, read with a complaint that names file and key. */
export class RecordFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** @throws StateError CORRUPT_RECORD when the value is not an object */
  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw corrupt(path, 'it is not an object');
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  text(key: string): string {
    const value = this.#fields[key];
    return typeof value === 'string' ? value : this.#refuse(key, 'is not text');
  }

  textOrNull(key: string): string | null {
    return this.#isMissing(key) ? null : this.text(key);
  }

  /** A mark that stands there or does not; absent, or anything but `true`, counts as not. */
  isTrue(key: string): boolean {
    return this.#fields[key] === true;
  }

  /** An ISO 8601 instant, as text. */
  instant(key: string): string {
    const value = this.text(key);
    return Number.isNaN(Date.parse(value)) ? this.#refuse(key, 'is not an instant') : value;
  }

  /** An instant as a value: read once, where thousands are. */
  date(key: string): Date {
    const date = new Date(this.text(key));
    return Number.isNaN(date.getTime()) ? this.#refuse(key, 'is not an instant') : date;
  }

  dateOrNull(key: string): Date | null {
    return this.#isMissing(key) ? null : this.date(key);
  }

  instantOrNull(key: string): string | null {
    return this.#isMissing(key) ? null : this.instant(key);
  }

  flag(key: string): boolean {
    const value = this.#fields[key];
    return typeof value === 'boolean' ? value : this.#refuse(key, 'is not true or false');
  }

  /** `absent` where there is no such key. */
  flagOr(key: string, absent: boolean): boolean {
    return this.#isMissing(key) ? absent : this.flag(key);
  }

  /** Instants under names of any kind; empty where there is no such key. */
  instantsByNameIfAny(key: string): Readonly<Record<string, string>> {
    if (this.#isMissing(key)) return {};
    const fields = new RecordFields(this.#fields[key], this.#path);
    return Object.fromEntries(Object.keys(fields.#fields).map((name) => [name, fields.instant(name)]));
  }

  /** A whole number, 0 or more. */
  count(key: string): number {
    const value = this.#fields[key];
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : this.#refuse(key, 'is not a whole number');
  }

  /** 0 where there is no such key. */
  countIfAny(key: string): number {
    return this.#isMissing(key) ? 0 : this.count(key);
  }

  texts(key: string): readonly string[] {
    return this.#list(key).map((item) =>
      typeof item === 'string' ? item : this.#refuse(key, 'holds no texts'),
    );
  }

  /** Undefined where there is no such key. */
  textsIfAny(key: string): readonly string[] | undefined {
    return this.#isMissing(key) ? undefined : this.texts(key);
  }

  /** Empty where there is no such key. */
  recordsIfAny<T>(key: string, parse: (fields: RecordFields) => T): readonly T[] {
    return this.#isMissing(key) ? [] : this.records(key, parse);
  }

  records<T>(key: string, parse: (fields: RecordFields) => T): readonly T[] {
    return this.#list(key).map((item) => parse(new RecordFields(item, this.#path)));
  }

  record<T>(key: string, parse: (fields: RecordFields) => T): T {
    return this.recordOrNull(key, parse) ?? this.#refuse(key, 'is missing');
  }

  recordOrNull<T>(key: string, parse: (fields: RecordFields) => T): T | null {
    return this.#isMissing(key) ? null : parse(new RecordFields(this.#fields[key], this.#path));
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T {
    const value = this.text(key);
    return values.find((candidate) => candidate === value) ?? this.#refuse(key, 'has an unknown value');
  }

  #isMissing(key: string): boolean {
    return this.#fields[key] === null || this.#fields[key] === undefined;
  }

  #list(key: string): readonly unknown[] {
    const value = this.#fields[key];
    return Array.isArray(value) ? value : this.#refuse(key, 'is not a list');
  }

  #refuse(key: string, why: string): never {
    throw corrupt(this.#path, `its key “${key}” ${why}`);
  }
}

/** What to do about a record that holds no such thing. */
export const DAMAGED_ADVICE = 'Restore it from a backup, or move it out of the folder to go on without it.';

/** The complaint about a file of ours that does not hold what it should. */
export function corrupt(path: string, why: string, advice?: string): StateError {
  return new StateError('CORRUPT_RECORD', `the record ${quoteForMessage(path)} cannot be used: ${why}`, {
    advice: advice ?? DAMAGED_ADVICE,
  });
}
