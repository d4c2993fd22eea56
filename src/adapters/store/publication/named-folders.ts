import { realpathSync } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import type { NamedPlaces } from '../../../core/plan/served/named-places.js';

/** Whether the configurations of web servers name anything in a folder of ours, links followed on both sides. */
export class NamedFolders {
  readonly #places: NamedPlaces;
  readonly #folders = new Set<string>();
  readonly #variable: readonly string[];

  constructor(places: NamedPlaces) {
    this.#places = places;
    for (const file of places.files) {
      for (const path of bothPathsOf(file)) this.#folders.add(dirname(path));
    }
    this.#variable = [...places.folders].flatMap(bothPathsOf);
  }

  /** `folder`: a website's or a name's own, below `apache_tls` or `domain_tls`. */
  names(folder: string): boolean {
    const { mentions } = this.#places;
    const base = basename(dirname(folder));
    if (mentions.has(`${base}/`) || mentions.has(`${base}/${basename(folder)}`)) return true;
    return bothPathsOf(folder).some(
      (path) => this.#folders.has(path) || this.#variable.some((above) => isBelow(path, above)),
    );
  }
}

/** As written, and where its links lead. */
function bothPathsOf(path: string): readonly string[] {
  try {
    return [path, realpathSync(path)];
  } catch {
    return [path];
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
