import { type SourceItem, skipSpace, sourceItems } from './source-items.js';

type Json = Record<string, unknown>;

/**
 * JSON text that says `value`, with everything of `source` that `value` left as it was kept letter by letter: numbers that
 * JavaScript cannot hold (`1e400`, `1.0`, `12345678901234567890`), escapes, order of names, white space. What is new is written
 * in the manner of its neighbours. `source` is valid JSON; of a name that stands twice the last one is kept.
 */
export function rewrittenJson(source: string, value: unknown): string {
  const start = skipSpace(source, 0);
  const before: unknown = JSON.parse(source);
  const end = source.trimEnd().length;
  const text = new Rewriting(source).textOf(start, end, before, value, compact);
  return `${source.slice(0, start)}${text}${source.slice(end)}`;
}

/** How a value is written that the source does not have. */
type Writer = (value: unknown) => string;

const compact: Writer = (value) => JSON.stringify(value) ?? 'null';

class Rewriting {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  /** The text of `now`, where the source has `before` between two offsets. */
  textOf(start: number, end: number, before: unknown, now: unknown, write: Writer): string {
    if (isSame(before, now)) return this.#source.slice(start, end);
    const items = (): readonly SourceItem[] => sourceItems(this.#source, start);
    if (isObject(before) && isObject(now)) return this.#object(items(), before, now, write);
    if (Array.isArray(before) && Array.isArray(now)) return this.#list(items(), before, now, write);
    return write(now);
  }

  #object(items: readonly SourceItem[], before: Json, now: Json, write: Writer): string {
    if (items.length === 0) return write(now);
    const manner = this.#mannerOf(items);
    const known = new Map(items.map((item) => [item.key ?? '', item]));
    const texts: string[] = [];
    const source = this.#source;
    for (const [key, item] of known) {
      if (!Object.hasOwn(now, key) || now[key] === undefined) continue;
      const value = this.textOf(item.valueStart, item.valueEnd, before[key], now[key], manner.write);
      const trail = item === items.at(-1) ? '' : source.slice(item.valueEnd, item.end);
      texts.push(`${source.slice(item.start, item.valueStart)}${value}${trail}`);
    }
    for (const [key, value] of Object.entries(now)) {
      if (known.has(key) || value === undefined) continue;
      texts.push(`${manner.newLead}${JSON.stringify(key)}${manner.colon}${manner.write(value)}`);
    }
    return texts.length === 0 ? '{}' : `{${texts.join(',')}${manner.close}}`;
  }

  /** Elements that the source has stand as they do there, wherever in the list they are now. */
  #list(
    items: readonly SourceItem[],
    before: readonly unknown[],
    now: readonly unknown[],
    write: Writer,
  ): string {
    if (items.length === 0 || now.length === 0) return write(now);
    const manner = this.#mannerOf(items);
    const places = new Map<string, number[]>();
    before.forEach((element, index) => {
      const text = compact(element);
      const same = places.get(text);
      if (same === undefined) places.set(text, [index]);
      else same.push(index);
    });
    const texts = now.map((element) => {
      const index = places.get(compact(element))?.find((place) => isSame(before[place], element));
      const item = index === undefined ? undefined : items[index];
      const text =
        item === undefined ? manner.write(element) : this.#source.slice(item.valueStart, item.valueEnd);
      return `${manner.newLead}${text}`;
    });
    return `[${texts.join(',')}${manner.close}]`;
  }

  /** How the items of an object or list are set apart: on lines of their own, or not. There is at least one. */
  #mannerOf(items: readonly SourceItem[]): Manner {
    const source = this.#source;
    const [first] = items;
    const last = items.at(-1);
    if (first === undefined || last === undefined) throw new RangeError('nothing to go by');
    const newLead = source.slice(first.start, first.headStart);
    const close = source.slice(last.valueEnd, last.end);
    const head = source.slice(first.headStart, first.valueStart);
    const step = lastLine(newLead)?.slice((lastLine(close) ?? '').length) ?? '';
    return {
      newLead,
      close,
      colon: /:\s*$/.exec(head)?.[0] ?? ':',
      write: (value) =>
        step === '' ? compact(value) : laidOut(value, step).replaceAll('\n', `\n${lastLine(newLead)}`),
    };
  }
}

interface Manner {
  readonly newLead: string;
  readonly colon: string;
  readonly close: string;
  readonly write: Writer;
}

function laidOut(value: unknown, step: string): string {
  return JSON.stringify(value, null, step) ?? 'null';
}

/** What stands before something on its own line; undefined where it has none. */
function lastLine(space: string): string | undefined {
  const at = space.lastIndexOf('\n');
  return at === -1 ? undefined : space.slice(at + 1);
}

function isObject(value: unknown): value is Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !('toJSON' in value && typeof value.toJSON === 'function');
}

/** Equal as JSON values, 0 and -0 told apart. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, index) => isSame(element, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
  );
}
