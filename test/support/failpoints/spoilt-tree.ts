import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { everythingBelow } from '../folder-listing.js';

type Chance = () => number;

/** What lies beside a tree, where a link in it may lead; nothing of it may change. */
export const OUTSIDE = 'outside';

/** Somebody who is nobody here. */
const STRANGER = 61_234;
const HUGE_BYTES = 512 * 1024 * 1024;
/** Deep enough to end a recursion that trusts its input. */
const DEEP = 20_000;

/** What takes the place of one value in a JSON file. */
const ODD_VALUES: readonly unknown[] = [
  null,
  -1,
  1e308,
  2 ** 53,
  0.5,
  '',
  'x',
  '\u0000',
  '../../../../etc/passwd',
  '__proto__',
  'a'.repeat(5000),
  '\u001b[31m\n',
  true,
  [],
  [[]],
  {},
  { __proto__: 1, constructor: null },
  '9999-99-99T99:99:99Z',
  '275760-09-13T00:00:00.001Z',
  'https://[',
];

const NO_JSON: readonly string[] = [
  '',
  '{',
  '[]',
  'null',
  '1',
  '"x"',
  '{"schemaVersion":1}',
  '{"schemaVersion":2}',
  '{"schemaVersion":null}',
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  '{"__proto__":{"x":1}}',
  '\ufeff{}',
  'a: [',
  'a: &a [*a]',
  '\t- x',
  '? ',
];

/** One way to spoil what lies at a path; says what it did. */
type Spoil = (path: string, chance: Chance, tree: Tree) => string;

interface Tree {
  readonly root: string;
  readonly paths: readonly string[];
}

const SPOILS: readonly Spoil[] = [
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
    writeFileSync(path, pick(NO_JSON, chance));
    return 'no JSON';
  }),
  oddValue,
  oddValue,
  oddValue,
  (path) => {
    rmSync(path, { recursive: true, force: true });
    return 'gone';
  },
  (path) => {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path);
    return 'an empty folder';
  },
  (path) => {
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, 'x');
    return 'a file';
  },
  (path, chance, { root }) => {
    rmSync(path, { recursive: true, force: true });
    const target = pick(['folder', 'folder/file.json', 'file.pem', 'nowhere', 'folder/new'], chance);
    symlinkSync(join(root, '..', OUTSIDE, target), path);
    return `a link to ${target}`;
  },
  (path) => {
    rmSync(path, { recursive: true, force: true });
    symlinkSync(path, path);
    return 'a link to itself';
  },
  (path) => {
    rmSync(path, { recursive: true, force: true });
    spawnSync('mkfifo', [path]);
    return 'a FIFO';
  },
  (path) => {
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, '');
    truncateSync(path, HUGE_BYTES);
    return 'huge';
  },
  (path) => {
    if (process.getuid?.() === 0) lchownSync(path, STRANGER, STRANGER);
    return 'a stranger’s';
  },
  (path, chance) => {
    if (lstatSync(path).isSymbolicLink()) return 'as it was';
    const mode = pick([0, 0o777, 0o4755, 0o1777, 0o200], chance);
    chmodSync(path, mode);
    return `mode ${mode.toString(8)}`;
  },
  (path, chance, { root, paths }) => {
    const other = join(root, pick(paths, chance));
    if (!existsSync(path) || !existsSync(other) || isWithin(path, other) || isWithin(other, path))
      return 'as it was';
    renameSync(other, `${path}.swap`);
    renameSync(path, other);
    renameSync(`${path}.swap`, path);
    return `swapped with ${other.slice(root.length)}`;
  },
];

/**
 * Spoils one to three paths of a tree, by the chance alone. Gives what was done, a sentence each, with the paths in them.
 * Homes of accounts are left alone: they are the accounts’ own, and other suites’ matter.
 */
export function spoilTree(root: string, chance: Chance): readonly string[] {
  const paths = everythingBelow(root)
    .map((path) => path.replace(/\/$/, ''))
    .filter((path) => /^(?:var\/cpanel\/|etc\/)./.test(path));
  return Array.from({ length: 1 + Math.floor(chance() * 3) }, () => {
    const documented = pick(paths, chance);
    const path = join(root, documented);
    const spoil = pick(SPOILS, chance);
    try {
      lstatSync(path);
    } catch {
      // What was done before took it away, or what lies above it.
      return `${documented}: gone already`;
    }
    return `${documented}: ${spoil(path, chance, { root, paths })}`;
  });
}

function pick<T>(choices: readonly T[], chance: Chance): T {
  return choices[Math.floor(chance() * choices.length)] as T;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Only files have contents; a folder is left as it is. */
function inFile(spoil: (path: string, chance: Chance, bytes: Buffer) => string): Spoil {
  return (path, chance) => (lstatSync(path).isFile() ? spoil(path, chance, readFileSync(path)) : 'as it was');
}

/** A JSON file with one of its values changed; others as by `no JSON`. */
function oddValue(path: string, chance: Chance): string {
  if (!lstatSync(path).isFile()) return 'as it was';
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return 'as it was';
  }
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const collect = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    for (const key of Object.keys(one)) {
      places.push([one as Record<string, unknown>, key]);
      collect((one as Record<string, unknown>)[key]);
    }
  };
  collect(value);
  const place = places[Math.floor(chance() * places.length)];
  if (place === undefined) return 'as it was';
  const odd = pick(ODD_VALUES, chance);
  if (chance() < 0.1) delete place[0][place[1]];
  else place[0][place[1]] = odd;
  writeFileSync(path, JSON.stringify(value));
  return `${place[1]} is ${JSON.stringify(odd)?.slice(0, 40)}`;
}
