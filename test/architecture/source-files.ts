import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFiles } from './house.js';

/** The project's own `src/` and `bin/`, read whole, by path from its root. */
export function readSourceFiles(root: string): SourceFiles {
  const files = new Map<string, string>();
  for (const wing of ['src', 'bin']) {
    if (!existsSync(join(root, wing))) continue;
    for (const entry of readdirSync(join(root, wing), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      if (wing === 'src' && !/\.[cm]?tsx?$/.test(path)) continue;
      files.set(path.slice(root.length + 1), readFileSync(path, 'utf8'));
    }
  }
  return files;
}
