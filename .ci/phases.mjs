// Which test files run, in which order. Pure but for `findTestFiles`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of test/ that run first and last; any other runs between them, by name. */
const FIRST = ['unit', 'contract', 'architecture'];
const LAST = ['integration', 'e2e'];
/** What `--unit` runs. */
const QUICK = ['unit', 'architecture'];

/** Paths of all test files below `folder`, as `test/…`, sorted. */
export function findTestFiles(root) {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`)
    .sort();
}

/** The files in phases, a phase per folder of test/. `filters` are parts of paths; a file that has one of them runs. */
export function phasesOf(files, { isQuick = false, filters = [] } = {}) {
  const byFolder = new Map();
  for (const file of files) {
    if (filters.length > 0 && !filters.some((filter) => file.includes(filter.replace(/^\.\//, '')))) continue;
    const parts = file.split('/');
    const folder = parts.length > 2 ? parts[1] : 'test';
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), file]);
  }
  const rank = (folder) => {
    if (FIRST.includes(folder)) return FIRST.indexOf(folder);
    if (LAST.includes(folder)) return FIRST.length + 1 + LAST.indexOf(folder);
    return FIRST.length;
  };
  return [...byFolder]
    .filter(([folder]) => !isQuick || QUICK.includes(folder))
    .sort(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1))
    .map(([name, members]) => ({ name, files: members }));
}
