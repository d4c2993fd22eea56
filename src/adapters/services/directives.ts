import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readTextFileSync } from '../system/files/files.js';

/** A larger file is no configuration. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Includes within includes. */
const MAX_DEPTH = 5;

/** Words of the lines of a configuration, comments and empty lines left out; pure. */
export function directivesIn(text: string, separator: RegExp): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(separator).map((word) => word.replace(/^"(.*)"$/, '$1')));
}

/** The text of a configuration's file; undefined when there is none, or it cannot be read. */
export function configurationAt(path: string): string | undefined {
  try {
    return readTextFileSync(path, MAX_FILE_BYTES);
  } catch {
    return undefined;
  }
}

/** The directives of a file and those that it includes by `Include` (a path, or a pattern for files of one folder). */
export function directivesWithIncludes(path: string, depth = 0): readonly (readonly string[])[] | undefined {
  const text = configurationAt(path);
  if (text === undefined) return undefined;
  return directivesIn(text, /\s+/).flatMap((words) => {
    const [name = '', target = ''] = words;
    if (name.toLowerCase() !== 'include' || depth >= MAX_DEPTH) return [words];
    return filesOf(join(target.startsWith('/') ? '' : dirname(path), target)).flatMap(
      (file) => directivesWithIncludes(file, depth + 1) ?? [],
    );
  });
}

function filesOf(pattern: string): readonly string[] {
  const [, folder = '', base = ''] = /^(.*)\/([^/]*)$/.exec(pattern) ?? [];
  if (base !== '' && !/[*?]/.test(base)) return [pattern];
  const fits = new RegExp(
    `^${base
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  try {
    return readdirSync(folder)
      .filter((name) => base === '' || fits.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
