import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { reasonOf } from '../../../core/domain/system-fault.js';

const GROUP_OR_OTHERS_WRITE = 0o022;
/** In such a folder nobody can replace what another user owns. */
const STICKY = 0o1000;
const SOMEBODY_EXECUTES = 0o111;

/**
 * Why a program must not be run as ourselves, as one printable clause; undefined when it may (design 5.14): file and every
 * parent are root's (or our own) and no links, and nobody else may write them, but for folders with the sticky bit.
 */
export function distrustOf(path: string): string | undefined {
  return distrustOfFile(path, true);
}

/** The same of a script that another program reads, and that nobody need be able to execute. */
export function distrustOfScript(path: string): string | undefined {
  return distrustOfFile(path, false);
}

function distrustOfFile(path: string, isExecuted: boolean): string | undefined {
  if (!path.startsWith('/')) return `${quoteForMessage(path)} is no absolute path`;
  for (let at = path; ; at = dirname(at)) {
    const why = distrustOfOne(at, at === path, isExecuted);
    if (why !== undefined) return why;
    if (at === dirname(at)) return undefined;
  }
}

function distrustOfOne(path: string, isProgram: boolean, isExecuted: boolean): string | undefined {
  const name = quoteForMessage(path);
  let facts: Stats;
  try {
    facts = lstatSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? `${name} does not exist`
      : `${name} cannot be looked at: ${reasonOf(error)}`;
  }
  if (facts.isSymbolicLink()) return `${name} is a link${destinationOf(path)}; name the file itself`;
  const owners = process.getuid?.() === 0 ? [0] : [0, process.getuid?.()];
  if (!owners.includes(facts.uid)) return `${name} belongs to uid ${facts.uid}, not to root`;
  const isSticky = !isProgram && (facts.mode & STICKY) !== 0;
  if ((facts.mode & GROUP_OR_OTHERS_WRITE) !== 0 && !isSticky) {
    return `${name} may be written by others than its owner`;
  }
  if (!isProgram) return undefined;
  if (!facts.isFile()) return `${name} is no file`;
  return isExecuted && (facts.mode & SOMEBODY_EXECUTES) === 0 ? `${name} is not executable` : undefined;
}

function destinationOf(path: string): string {
  try {
    return ` to ${quoteForMessage(realpathSync(path))}`;
  } catch {
    return '';
  }
}
