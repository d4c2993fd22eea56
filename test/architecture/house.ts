import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { type Import, scanImports } from './imports.js';
import { findImpurities } from './purity.js';

/** Source files by path from the project's root (`src/…`, `bin/…`), with `/`. */
export type SourceFiles = ReadonlyMap<string, string>;

export interface Violation {
  readonly rule: Rule;
  readonly file: string;
  readonly line: number;
  readonly what: string;
}
export type Rule =
  | 'place'
  | 'folder name'
  | 'no index'
  | 'unresolved'
  | 'direction'
  | 'ports as types'
  | 'cycle'
  | 'computed import'
  | 'bin imports dist'
  | 'core builtin'
  | 'core library'
  | 'core purity'
  | 'one door';

/** core's folders, and the folders of core that each may import besides itself. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  certificate: ['domain'],
  renewal: ['domain', 'certificate'],
  revocation: ['domain', 'certificate'],
  evaluation: ['domain', 'certificate', 'renewal', 'revocation'],
  dcv: ['domain'],
  caa: ['domain'],
  order: ['domain'],
  retry: ['domain'],
  sni: ['domain', 'certificate'],
  provider: ['domain', 'order'],
  plan: ['domain', 'certificate', 'renewal', 'revocation', 'evaluation', 'dcv', 'order', 'provider'],
  report: [
    'domain',
    'certificate',
    'renewal',
    'evaluation',
    'dcv',
    'caa',
    'order',
    'retry',
    'sni',
    'provider',
    'plan',
  ],
  notice: [
    'domain',
    'certificate',
    'renewal',
    'evaluation',
    'dcv',
    'caa',
    'order',
    'provider',
    'plan',
    'report',
  ],
  doctor: ['domain', 'certificate', 'renewal', 'evaluation', 'order', 'provider', 'plan', 'report'],
  rehearsal: ['domain', 'renewal', 'evaluation', 'dcv', 'order', 'provider', 'plan', 'report'],
};
/** The folder that wires adapters to ports. */
const HOST = 'src/cli/host/';
const PORTS = 'src/runs/ports/';
const VAGUE_FOLDERS = ['utils', 'util', 'helpers', 'helper', 'common', 'lib', 'misc', 'shared'];
const CORE_BUILTINS = ['crypto', 'url', 'net', 'buffer'];
/** Libraries that touch the world; core never holds one. */
const WORLDLY = [
  'execa',
  'fs-extra',
  'proper-lockfile',
  'chalk',
  'commander',
  'cli-progress',
  'p-queue',
  'undici',
];
/** Libraries that one place alone imports, for types too where `evenTypes`. */
const DOORS = [
  { packages: ['@peculiar/x509', 'pkijs', 'asn1js', 'reflect-metadata'], door: /^src\/core\/certificate\// },
  { packages: ['execa'], door: /^src\/adapters\/system\/exec\.ts$/ },
  { packages: ['chalk'], door: /^src\/cli\/paint\.ts$/ },
];

/** Everything in these files that breaks the house's rules (design section 4). */
export function findViolations(files: SourceFiles): readonly Violation[] {
  const found: Violation[] = [];
  const edges = new Map<string, readonly string[]>();
  for (const [file, source] of files) {
    const say = (rule: Rule, line: number, what: string): void => {
      found.push({ rule, file, line, what });
    };
    for (const [rule, what] of faultsOfPath(file)) say(rule, 1, what);
    const targets: string[] = [];
    for (const one of scanImports(source)) {
      const target = one.specifier?.startsWith('.') ? resolve(file, one.specifier) : undefined;
      if (target !== undefined) targets.push(target);
      for (const [rule, what] of faultsOfImport(file, one, target, files)) say(rule, one.line, what);
    }
    edges.set(file, targets);
    if (file.startsWith('src/core/')) {
      for (const { line, what } of findImpurities(source, file)) say('core purity', line, what);
    }
  }
  for (const path of cyclesOf(edges)) {
    found.push({ rule: 'cycle', file: path[0] ?? '', line: 1, what: path.join(' → ') });
  }
  return found;
}

type Fault = readonly [Rule, string];

function* faultsOfPath(file: string): Generator<Fault> {
  const folders = file.split('/').slice(0, -1);
  const vague = folders.find((folder) => VAGUE_FOLDERS.includes(folder));
  if (vague !== undefined) yield ['folder name', `${vague} says nothing: name the folder by its noun`];
  if (/(^|\/)index\.[cm]?tsx?$/.test(file))
    yield ['no index', 're-exporting index files hide what imports what'];
  if (file.startsWith('src/') && placesReachedFrom(file) === undefined) {
    yield ['place', 'belongs to no wing (or floor of core) of the design'];
  }
}

function* faultsOfImport(
  file: string,
  { specifier, kind }: Import,
  target: string | undefined,
  files: SourceFiles,
): Generator<Fault> {
  if (file.startsWith('bin/')) {
    if (specifier === null || !specifier.startsWith('../dist/')) {
      yield ['bin imports dist', `${specifier ?? 'a computed name'} is not in ../dist`];
    }
    return;
  }
  if (specifier === null) {
    if (!/^src\/(adapters|cli)\//.test(file)) yield ['computed import', 'nobody can tell what this loads'];
    return;
  }
  if (target !== undefined) {
    if (!files.has(target)) yield ['unresolved', `${specifier} is no file of ours`];
    else yield* faultsOfDirection(file, target, kind);
  } else yield* faultsOfPackage(file, specifier);
}

function* faultsOfDirection(file: string, target: string, kind: Import['kind']): Generator<Fault> {
  const reachable = placesReachedFrom(file);
  if (reachable !== undefined && !reachable.test(target)) yield ['direction', `may not import ${target}`];
  if (file.startsWith('src/adapters/') && target.startsWith(PORTS) && kind !== 'type') {
    yield ['ports as types', `${PORTS} is for types: import type`];
  }
}

function* faultsOfPackage(file: string, specifier: string): Generator<Fault> {
  const isOf = (name: string): boolean => specifier === name || specifier.startsWith(`${name}/`);
  for (const { packages, door } of DOORS) {
    if (packages.some(isOf) && !door.test(file))
      yield ['one door', `${specifier} is imported elsewhere only`];
  }
  if (!file.startsWith('src/core/')) return;
  const bare = specifier.replace(/^node:/, '');
  if (isBuiltin(specifier) && !CORE_BUILTINS.includes(bare))
    yield ['core builtin', `core has no ${specifier}`];
  if (WORLDLY.some(isOf)) yield ['core library', `${specifier} touches the world`];
}

/** What a source file may import of ours; undefined when the design has no place for the file. */
function placesReachedFrom(file: string): RegExp | undefined {
  const [, wing, room, more] = file.split('/');
  switch (wing) {
    case 'core': {
      const below = more === undefined || room === undefined ? undefined : FLOORS[room];
      return below && new RegExp(`^src/core/(${[room, ...below].join('|')})/`);
    }
    case 'adapters':
      return more === undefined
        ? undefined
        : new RegExp(`^src/(core/|runs/ports/|adapters/(${room}|system)/)`);
    case 'runs':
      return /^src\/(core|runs)\//;
    case 'api':
      return /^src\/(core|runs|api)\//;
    case 'cli':
      return file.startsWith(HOST) ? /^src\// : /^src\/(core|runs|api|cli)\//;
    default:
      return undefined;
  }
}

/** The file that a relative specifier names (imports end in `.js`, sources in `.ts`). */
function resolve(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts');
}

/** Import cycles, each once, as the files of the way round. */
function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (file: string): void => {
    const begin = way.indexOf(file);
    if (begin !== -1) cycles.push([...way.slice(begin), file]);
    if (begin !== -1 || done.has(file)) return;
    way.push(file);
    for (const target of edges.get(file) ?? []) visit(target);
    way.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return cycles;
}
