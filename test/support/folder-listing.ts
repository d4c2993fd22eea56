import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every path below a folder, relative to it, sorted; folders end in `/`. Links are not followed. */
export function everythingBelow(folder: string, prefix = ''): readonly string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (!lstatSync(path).isDirectory()) return [prefix + name];
      return [`${prefix}${name}/`, ...everythingBelow(path, `${prefix}${name}/`)];
    });
}
