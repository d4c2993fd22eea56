import { realpathSync } from 'node:fs';
import { isAbsolute, normalize } from 'node:path';

/** The tree that `AUTOSSL_ROOT` names, in the one spelling of it that links, `..` and slashes come to; never throws. */
export function treeNamedIn(environment: Readonly<Record<string, string | undefined>>): string {
  const root = environment['AUTOSSL_ROOT'] ?? '';
  if (root === '') return '/';
  // No program works on a relative one; which folder is the present one says nothing of a job's.
  if (!isAbsolute(root)) return root;
  try {
    return realpathSync(root);
  } catch {
    return normalize(`${root}/`).slice(0, -1) || '/';
  }
}
