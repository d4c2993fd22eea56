import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProgramPlaces } from '../../core/plan/setup/setup-files.js';
import { isThere } from '../system/files/files.js';

/** Programs that a set-up may call; later versions of this installation may have more of them. */
const PROGRAMS = [
  'autossl_check',
  'autossl_check_queue',
  'checkallsslcerts',
  'try-later',
  'uapi',
  'uapi-root',
  'whmapi1',
];
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Where this installation's programs lie, beside the one that runs, and what of it others than root may change.
 * @param program the running script, links followed
 */
export async function readInstallation(
  program: string,
  node: string,
  root: string | null,
): Promise<ProgramPlaces & { readonly writableByOthers: readonly string[] }> {
  const folder = dirname(await realpath(program));
  const programs = new Map<string, string>();
  for (const name of PROGRAMS) {
    const path = join(folder, name);
    if (await isThere(path)) programs.set(name, path);
  }
  const unsafe: string[] = [];
  for (const path of withParents([await realpath(node), ...programs.values(), join(folder, '..', 'dist')])) {
    if (await mayOthersChange(path)) unsafe.push(path);
  }
  return { node, programs, root, writableByOthers: unsafe };
}

function withParents(paths: readonly string[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const path of paths) {
    for (let one = path; !all.has(one); one = dirname(one)) all.add(one);
  }
  return all;
}

/** A folder like /tmp lets others add to it, not exchange what root put there. */
async function mayOthersChange(path: string): Promise<boolean> {
  const facts = await lstat(path).catch(() => undefined);
  if (facts === undefined) return false;
  if (facts.uid !== 0 && facts.uid !== process.getuid?.()) return true;
  return (facts.mode & WRITABLE_BY_OTHERS) !== 0 && !(facts.isDirectory() && (facts.mode & STICKY) !== 0);
}
