import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** One line for each thing below the folder: kind, mode, owner, contents or target. For “nothing changed here”. */
export function listTree(folder: string, prefix = ''): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const facts = lstatSync(path);
      const line = `${prefix}${name} ${facts.mode.toString(8)} ${facts.uid}:${facts.gid}`;
      if (facts.isDirectory()) return [line, ...listTree(path, `${prefix}${name}/`)];
      if (facts.isSymbolicLink()) return [`${line} -> ${readlinkSync(path)}`];
      if (facts.isFile()) return [`${line} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`];
      return [line];
    });
}
