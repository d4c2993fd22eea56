import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  openSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { inFile, pick, type Spoil } from './spoil.js';

const MB = 1024 * 1024;
/** With nothing in it, so that it takes no room. */
const HUGE_BYTES = 512 * MB;
const LARGE_BYTES = 100 * MB;
const LONG_LINE = 5 * MB;
const DEEP = 20_000;

const NO_JSON: readonly (() => string)[] = [
  () => '',
  () => '\n',
  () => '{',
  () => '[]',
  () => 'null',
  () => '1',
  () => '"x"',
  () => 'NaN',
  () => '{"schemaVersion":1}',
  () => '{"schemaVersion":2}',
  () => '{"schemaVersion":1e400}',
  () => '{"schemaVersion":null}',
  () => '{"schemaVersion":1,"schemaVersion":2}',
  () => '['.repeat(DEEP) + ']'.repeat(DEEP),
  () => '{"__proto__":{"x":1}}',
  () => '\ufeff{}',
  () => '{}{}',
  () => '{"schemaVersion":1}\u0000',
];

const ODD_YAML: readonly (() => string)[] = [
  () => 'a: [',
  () => 'a: &a [*a]',
  () => '\t- x',
  () => '? ',
  () => '? {a: 1}\n: 2\n',
  () => 'a: .nan\nb: -.inf\nc: 0o17\nd: 2001-12-14\n',
  () => 'a: !!js/function "x"\nb: !!binary x\nc: !x {}\n',
  () => '<<: *nowhere\n',
  () => 'a: 1\na: 2\n',
  () => '---\na: 1\n---\nb: 2\n...\n',
  () => '%YAML 9.9\n---\n{}\n',
  () => `${'- '.repeat(5000)}x\n`,
  () => `${'['.repeat(DEEP)}\n`,
  // Each line ten times the one before.
  () =>
    `a: &a [x,x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[index]}`)}]\n`).join('')}`,
];

/** Ways to spoil a file whatever its format. */
export const TEXT_SPOILS: readonly Spoil[] = [
  inFile((path, chance, bytes) => {
    truncateSync(path, Math.floor(chance() * bytes.length));
    return 'cut short';
  }),
  inFile((path, chance, bytes) => {
    for (let count = 1 + Math.floor(chance() * 8); count > 0 && bytes.length > 0; count -= 1)
      bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
    writeFileSync(path, bytes);
    return 'bytes changed';
  }),
  inFile((path, chance, bytes) => {
    const at = Math.floor(chance() * bytes.length);
    writeFileSync(
      path,
      Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe, 0x80, 0]), bytes.subarray(at)]),
    );
    return 'no UTF-8';
  }),
  inFile((path, chance) => {
    writeFileSync(path, pick(NO_JSON, chance)());
    return 'no JSON';
  }),
  inFile((path, chance) => {
    writeFileSync(path, pick(ODD_YAML, chance)());
    return 'odd YAML';
  }),
  inFile((path) => {
    writeFileSync(path, '');
    return 'emptied';
  }),
  inFile((path, chance, bytes) => {
    const lines = bytes.toString('latin1').split('\n');
    const odd = pick(
      ['=', '===', 'x', ': : :', '\r', 'a'.repeat(LONG_LINE), '\u0000', '*: x', ...lines],
      chance,
    );
    lines.splice(Math.floor(chance() * lines.length), chance() < 0.5 ? 0 : 1, odd);
    writeFileSync(path, lines.join(chance() < 0.3 ? '\r\n' : '\n'), 'latin1');
    return `a line is ${odd.slice(0, 40)}`;
  }),
  (path) => {
    // A folder, too: then it is refused, and stays.
    try {
      truncateSync(path, HUGE_BYTES);
      return 'huge';
    } catch {
      return 'not huge';
    }
  },
  inFile((path, _, bytes) => {
    if (bytes.length === 0) return 'empty as before';
    const block = Buffer.concat(Array(Math.ceil(MB / bytes.length)).fill(bytes));
    const file = openSync(path, 'a');
    for (let size = 0; size < LARGE_BYTES; size += block.length) writeSync(file, block);
    ftruncateSync(file, LARGE_BYTES);
    closeSync(file);
    return 'itself again and again, 100 MB';
  }),
  inFile((path, _, bytes) => {
    appendFileSync(path, bytes);
    return 'itself twice';
  }),
];
