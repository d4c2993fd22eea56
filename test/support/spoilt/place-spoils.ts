import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isWithin, OUTSIDE, pick, type Spoil, UNSPOILT } from './spoil.js';

/** Somebody who is nobody here. */
const STRANGER = 61_234;
/** What `spoilTree` says of a path that not even root may change, until `allowChanges`. */
const UNCHANGEABLE = 'unchangeable';
/** Listens and dies, so that its socket stays. */
const LISTEN =
  "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
/** /dev/zero never ends, /dev/full takes nothing, /dev/random and a disk that is not there. */
const DEVICES = [
  ['c', '1', '5'],
  ['c', '1', '7'],
  ['c', '1', '8'],
  ['b', '240', '99'],
] as const;

const gone = (path: string): void => rmSync(path, { recursive: true, force: true });

/** Ways to put something else where a file or folder should be, or to make it somebody else’s. */
export const PLACE_SPOILS: readonly Spoil[] = [
  (path) => {
    gone(path);
    return 'gone';
  },
  (path) => {
    gone(path);
    mkdirSync(path);
    return 'an empty folder';
  },
  (path) => {
    gone(path);
    mkdirSync(join(path, 'in/it'), { recursive: true });
    writeFileSync(join(path, 'file'), 'x');
    return 'a folder with something in it';
  },
  (path) => {
    gone(path);
    writeFileSync(path, 'x');
    return 'a file';
  },
  linkOut,
  linkOut,
  (path) => {
    gone(path);
    symlinkSync(path, path);
    return 'a link to itself';
  },
  (path, chance) => {
    gone(path);
    symlinkSync(pick(['.', '..'], chance), path);
    return 'a link to its own folder, or above';
  },
  (path) => {
    gone(path);
    spawnSync('mkfifo', [path]);
    return 'a FIFO';
  },
  (path) => {
    gone(path);
    spawnSync(process.execPath, ['-e', LISTEN, basename(path)], { cwd: dirname(path) });
    return 'a socket';
  },
  (path, chance) => {
    gone(path);
    // Where nobody may make one, nothing lies there.
    spawnSync('mknod', [path, ...pick(DEVICES, chance)]);
    return 'a device';
  },
  (path) => {
    if (process.getuid?.() === 0) lchownSync(path, STRANGER, STRANGER);
    return 'a stranger’s';
  },
  (path, chance) => {
    if (lstatSync(path).isSymbolicLink()) return UNSPOILT;
    const mode = pick([0, 0, 0o777, 0o4755, 0o1777, 0o200], chance);
    chmodSync(path, mode);
    return `mode ${mode.toString(8)}`;
  },
  (path, chance) => {
    const facts = lstatSync(path);
    if (!facts.isFile() && !facts.isDirectory()) return UNSPOILT;
    spawnSync('chattr', [pick(['+i', '+a'], chance), path]);
    return UNCHANGEABLE;
  },
  (path, chance) => {
    if (lstatSync(path).isSymbolicLink()) return UNSPOILT;
    const seconds = pick([0, 1, 2 ** 31, 4_102_444_800, 15_000_000_000], chance);
    utimesSync(path, seconds, seconds);
    return `last changed ${seconds} s after 1970`;
  },
  (path, chance, { root, paths }) => {
    const other = join(root, pick(paths, chance));
    if (!existsSync(path) || !existsSync(other) || isWithin(path, other) || isWithin(other, path))
      return UNSPOILT;
    try {
      renameSync(other, `${path}.swap`);
      renameSync(path, other);
      renameSync(`${path}.swap`, path);
    } catch {
      // One of them was made unchangeable before.
      return UNSPOILT;
    }
    return `swapped with ${other.slice(root.length)}`;
  },
];

/** Takes back what no removal of the tree would get over. */
export function allowChanges(root: string, done: readonly string[]): void {
  if (done.some((line) => line.endsWith(`: ${UNCHANGEABLE}`)))
    spawnSync('chattr', ['-R', '-i', '-a', root], { stdio: 'ignore' });
}

function linkOut(...[path, chance, { root }]: Parameters<Spoil>): string {
  gone(path);
  const target = pick(['folder', 'folder/file.json', 'file.pem', 'nowhere', 'folder/new'], chance);
  symlinkSync(join(root, '..', OUTSIDE, target), path);
  return `a link to ${target}`;
}
