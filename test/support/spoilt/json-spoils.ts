import { writeFileSync } from 'node:fs';
import { type Chance, inFile, pick, type Spoil, UNSPOILT } from './spoil.js';

/** Deep enough to end a recursion that trusts its input. */
const DEEP = 20_000;
const WIDE = 100_000;
const LONG = 3_000_000;

/** What takes the place of one value in a JSON file, as JSON has it or would not. */
const ODD_TEXTS: readonly string[] = [
  'null',
  '-1',
  '-0',
  '0.5',
  '1e308',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740993',
  '123456789012345678901234567890',
  'true',
  '""',
  '"x"',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"../../../../etc/passwd"',
  '"/etc/passwd"',
  '"__proto__"',
  '"https://["',
  '"http://127.0.0.1:1/"',
  '"file:///etc/passwd"',
  '"\\u001b[31m\\n"',
  `"${'a'.repeat(5000)}"`,
  '[]',
  '[[]]',
  '[null]',
  '[1,"x",{}]',
  '{}',
  '{"__proto__":1,"constructor":null,"toString":1}',
  '{"length":1e9}',
];

/** Dear, and no JSON: less often. */
const RARE_TEXTS: readonly (() => string)[] = [
  () => '['.repeat(DEEP) + ']'.repeat(DEEP),
  () => '{"a":'.repeat(DEEP) + '1'.padEnd(DEEP + 1, '}'),
  () => `[${'0,'.repeat(WIDE)}0]`,
  () => `{${Array.from({ length: WIDE }, (_, index) => `"k${index}":1`).join()}}`,
  () => `"${'a'.repeat(LONG)}"`,
  () => 'NaN',
  () => '-Infinity',
  () => '0x10',
  () => '01',
  () => 'undefined',
];

const ODD_INSTANTS: readonly string[] = [
  '9999-99-99T99:99:99Z',
  '9999-12-31T23:59:59.999Z',
  '275760-09-13T00:00:00.001Z',
  '+275760-09-13T00:00:00.000Z',
  '-271821-04-20T00:00:00.000Z',
  '0000-00-00T00:00:00Z',
  '1969-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00.000Z',
  '2026-02-30T00:00:00.000Z',
  '2026-11-22',
  '2026-11-22T10:00:00',
  'Invalid Date',
  'NaN',
  'now',
];
const IS_INSTANT = /^\d{4}-\d\d-\d\dT/;

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Stands in the text for what JSON.stringify cannot write. */
const MARK = '\u0001here\u0001';
const MARK_TEXT = JSON.stringify(MARK);

/** One value of a JSON file, at any depth, is another, or is gone. */
export const oddValue: Spoil = atPlace((place, chance) => {
  if (chance() < 0.1) {
    delete place.holder[place.key];
    return null;
  }
  return chance() < 0.1 ? pick(RARE_TEXTS, chance)() : pick(ODD_TEXTS, chance);
});

/** A key stands twice in its object, with two values, or is called as nothing should be. */
export const oddKey: Spoil = atPlace(({ holder, key }, chance) => {
  const former = JSON.stringify(holder[key]);
  const other = pick(ODD_TEXTS, chance);
  if (Array.isArray(holder)) return `${former},${former}`;
  const again = pick([key, key, key, '__proto__', 'constructor', 'toString', '', '\u0000'], chance);
  const pairs = [
    `${former},${JSON.stringify(again)}:${other}`,
    `${other},${JSON.stringify(again)}:${former}`,
  ];
  return pick(pairs, chance);
});

/** One instant of a JSON file is another, or none. */
export const oddInstant: Spoil = atPlace(
  (_, chance) => JSON.stringify(pick(ODD_INSTANTS, chance)),
  (value) => typeof value === 'string' && IS_INSTANT.test(value),
);

/** Writes the file with what `textAt` gives in the place of one value; null: as the holder is now. */
function atPlace(
  textAt: (place: Place, chance: Chance) => string | null,
  fits: (value: unknown) => boolean = () => true,
): Spoil {
  return inFile((path, chance, bytes) => {
    let whole: unknown;
    try {
      whole = JSON.parse(bytes.toString('utf8'));
    } catch {
      return UNSPOILT;
    }
    const places = placesIn(whole).filter(({ holder, key }) => fits(holder[key]));
    const place = places[Math.floor(chance() * places.length)];
    if (place === undefined) return UNSPOILT;
    const text = textAt(place, chance);
    if (text === null) {
      writeFileSync(path, JSON.stringify(whole));
      return `${place.key} is gone`;
    }
    place.holder[place.key] = MARK;
    writeFileSync(
      path,
      JSON.stringify(whole).replace(MARK_TEXT, () => text),
    );
    return `${place.key} is ${text.slice(0, 60)}`;
  });
}

function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}
