import { quoteForMessage } from '../core/domain/name/names.js';
import type { Word } from './arguments.js';
import { ApiRefusal } from './refusal.js';

/** Letters stand for any words without a dot. */
const KNOWN =
  /^api\.(?:version|(?:columns|filter|sort|chunk)\.enable|columns\.[^.]+|filter\.[^.]+\.(?:field|type|arg0)|sort\.[^.]+\.(?:field|reverse|method)|chunk\.(?:start|size|verbose))$/;
const SWITCH = /\.(?:enable|reverse)$/;

type Row = Readonly<Record<string, unknown>>;

/** How a filter compares; `arg0` is what it compares with. Numbers are compared as such where both sides are. */
const COMPARISONS: Readonly<Record<string, (value: unknown, argument: string) => boolean>> = {
  eq: (value, argument) => textOf(value) === argument,
  ne: (value, argument) => textOf(value) !== argument,
  contains: (value, argument) => textOf(value).includes(argument),
  begins: (value, argument) => textOf(value).startsWith(argument),
  ends: (value, argument) => textOf(value).endsWith(argument),
  lt: (value, argument) => compare(value, argument) < 0,
  lte: (value, argument) => compare(value, argument) <= 0,
  gt: (value, argument) => compare(value, argument) > 0,
  gte: (value, argument) => compare(value, argument) >= 0,
};

/** What a caller wants to see of a list of rows. */
export interface Modifiers {
  readonly columns: readonly string[] | null;
  readonly filters: readonly {
    readonly field: string;
    readonly type: string;
    readonly argument: string;
  }[];
  readonly sorts: readonly { readonly field: string; readonly isReversed: boolean }[];
  readonly chunk: { readonly start: number; readonly size: number } | null;
  /** Kinds of which something is said, and which are not switched on (`api.filter.enable=1`): documented to do nothing. */
  readonly idle: readonly string[];
}

/** Reads the documented `api.columns.*`, `api.filter.*`, `api.sort.*` and `api.chunk.*`. @throws ApiRefusal */
export function readModifiers(words: readonly Word[]): Modifiers {
  const given = new Map(words.map(({ name, value }) => [name, value]));
  for (const [name, value] of given) {
    // A mistyped one must not show what was to be left out.
    if (!KNOWN.test(name)) throw new ApiRefusal(`The parameter ${quoteForMessage(name)} is not known.`);
    if (SWITCH.test(name) && value !== '0' && value !== '1') {
      throw new ApiRefusal(`The parameter “${name}” must be 1 or 0, not ${quoteForMessage(value)}.`);
    }
  }
  const isOn = (kind: string): boolean => given.get(`api.${kind}.enable`) === '1';
  return {
    columns: isOn('columns') ? keysOf(given, 'columns').map((key) => given.get(key) ?? '') : null,
    filters: isOn('filter') ? keysOf(given, 'filter', '.field').map((key) => filterOf(given, key)) : [],
    sorts: isOn('sort') ? keysOf(given, 'sort', '.field').map((key) => sortOf(given, key)) : [],
    chunk: isOn('chunk') ? chunkOf(given) : null,
    idle: KINDS.filter((kind) => !given.has(`api.${kind}.enable`) && isSaidOf(kind, given)),
  };
}

const KINDS = ['filter', 'sort', 'columns', 'chunk'];

function isSaidOf(kind: string, given: ReadonlyMap<string, string>): boolean {
  return [...given.keys()].some((name) => name.startsWith(`api.${kind}.`));
}

/** Filters, sorts, cuts out and narrows the rows, in this order. @throws ApiRefusal for a field that no row has, a sort key that is not displayed */
export function modifyRows(rows: readonly Row[], modifiers: Modifiers): Row[] {
  const { columns, filters, sorts, chunk } = modifiers;
  for (const { field } of sorts) {
    if (columns !== null && !columns.includes(field)) {
      throw new ApiRefusal(`The sort key ${quoteForMessage(field)} is not among the displayed columns.`);
    }
  }
  const known = new Set(rows.flatMap((row) => Object.keys(row)));
  const named = [
    ...filters.map(({ field }) => field),
    ...sorts.map(({ field }) => field),
    ...(columns ?? []),
  ];
  for (const field of named) {
    // Of no rows nobody knows what they would have.
    if (rows.length > 0 && !known.has(field)) {
      throw new ApiRefusal(
        `No row has a field ${quoteForMessage(field)}; there are ${[...known].sort().join(', ')}.`,
      );
    }
  }
  let shown = rows.filter((row) =>
    filters.every(({ field, type, argument }) => COMPARISONS[type]?.(row[field], argument) === true),
  );
  if (sorts.length > 0) shown = [...shown].sort((a, b) => inOrder(a, b, sorts));
  if (chunk !== null) shown = shown.slice(chunk.start - 1, chunk.start - 1 + chunk.size);
  return columns === null ? shown : shown.map((row) => narrowed(row, columns));
}

/** Whether anything is asked for beyond the whole answer. */
export function isModifying({ columns, filters, sorts, chunk }: Modifiers): boolean {
  return columns !== null || filters.length + sorts.length > 0 || chunk !== null;
}

/** `api.sort.a.field`, `api.sort.b.field` … in the order of their letters. */
function keysOf(given: ReadonlyMap<string, string>, kind: string, ending = ''): string[] {
  const prefix = `api.${kind}.`;
  return [...given.keys()]
    .filter((key) => key.startsWith(prefix) && key.endsWith(ending) && key !== `${prefix}enable`)
    .sort();
}

function filterOf(given: ReadonlyMap<string, string>, key: string): Modifiers['filters'][number] {
  const base = key.slice(0, -'.field'.length);
  const type = given.get(`${base}.type`) ?? 'eq';
  if (!Object.hasOwn(COMPARISONS, type)) {
    const known = Object.keys(COMPARISONS).join(', ');
    throw new ApiRefusal(`The filter type ${quoteForMessage(type)} is not known; there are ${known}.`);
  }
  return { field: given.get(key) ?? '', type, argument: given.get(`${base}.arg0`) ?? '' };
}

function sortOf(given: ReadonlyMap<string, string>, key: string): Modifiers['sorts'][number] {
  const base = key.slice(0, -'.field'.length);
  return { field: given.get(key) ?? '', isReversed: given.get(`${base}.reverse`) === '1' };
}

function chunkOf(given: ReadonlyMap<string, string>): Modifiers['chunk'] {
  const numberOf = (name: string, otherwise: number): number => {
    const value = given.get(`api.chunk.${name}`);
    if (value === undefined) return otherwise;
    if (!/^[1-9]\d{0,8}$/.test(value)) {
      throw new ApiRefusal(
        `The parameter “api.chunk.${name}” must be a number from 1 on, not ${quoteForMessage(value)}.`,
      );
    }
    return Number(value);
  };
  return { start: numberOf('start', 1), size: numberOf('size', Number.MAX_SAFE_INTEGER) };
}

function inOrder(a: Row, b: Row, sorts: Modifiers['sorts']): number {
  for (const { field, isReversed } of sorts) {
    const order = compare(a[field], b[field]);
    if (order !== 0) return isReversed ? -order : order;
  }
  return 0;
}

function compare(a: unknown, b: unknown): number {
  const [one, other] = [Number(a), Number(b)];
  const areNumbers = isNumeric(a) && isNumeric(b);
  if (areNumbers) return one - other;
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value));
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

function narrowed(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.filter((name) => name in row).map((name) => [name, row[name]]));
}
