import { readdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathComponentOf } from '../../core/domain/path-component.js';
import type { NameOffer } from '../../core/sni/offer.js';
import type { SniTable } from '../../runs/ports/sni.js';
import {
  asWriteError,
  isErrno,
  isTemporaryName,
  isThere,
  syncFolder,
  temporaryPathIn,
} from '../system/files/files.js';
import { sweepFolder } from '../system/files/temporary-files.js';
import type { Tree } from '../system/tree.js';
import { type FolderAttributes, isFolderSo, makeFolder } from './sni-folder.js';

/** As they stand in the links, seen from a folder beside that of the pairs. */
const LINK = /^\.\.\/pairs\/([0-9a-f]{32})\.pem$/;

export interface LinkTableParts {
  readonly tree: Tree;
  readonly path: string;
  readonly attributes: FolderAttributes;
  readonly isNamed: () => Promise<boolean>;
}

/** A folder with a link for each name, to the file of its pair: for daemons that look there at each connection. */
export class LinkTable implements SniTable {
  readonly former = null;
  readonly path: string;
  readonly #parts: LinkTableParts;

  constructor(parts: LinkTableParts) {
    this.#parts = parts;
    this.path = parts.path;
  }

  async holds(offers: readonly NameOffer[] | null): Promise<boolean> {
    if (!isFolderSo(this.path, this.#parts.attributes)) return offers === null && !(await isThere(this.path));
    const present = this.#present();
    const wanted = wantedLinks(offers);
    return present.size === wanted.size && [...wanted].every(([name, pair]) => present.get(name) === pair);
  }

  /** One that is no longer wanted stays, empty: who looks into it finds nothing, which is no error. */
  async write(offers: readonly NameOffer[] | null): Promise<void> {
    await makeFolder(this.#parts.tree, this.path, this.#parts.attributes);
    sweepFolder(this.path);
    const present = this.#present();
    const wanted = wantedLinks(offers);
    try {
      for (const [name, pair] of wanted) {
        if (present.get(name) === pair) continue;
        const temporary = temporaryPathIn(this.path);
        symlinkSync(`../pairs/${pair}.pem`, temporary);
        renameSync(temporary, join(this.path, name));
      }
      for (const name of present.keys()) if (!wanted.has(name)) unlinkSync(join(this.path, name));
      await syncFolder(this.path);
    } catch (error) {
      throw asWriteError(error, this.path);
    }
  }

  async pairs(): Promise<ReadonlySet<string>> {
    return new Set(this.#present().values());
  }

  isNamed(): Promise<boolean> {
    return this.#parts.isNamed();
  }

  /** By name, the id of its pair; empty for what is no link of ours. */
  #present(): ReadonlyMap<string, string> {
    let names: string[];
    try {
      names = readdirSync(this.path);
    } catch (error) {
      if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return new Map();
      throw asWriteError(error, this.path);
    }
    return new Map(
      names
        .filter((name) => !isTemporaryName(name))
        .map((name) => [name, LINK.exec(targetOf(join(this.path, name)))?.[1] ?? '']),
    );
  }
}

function wantedLinks(offers: readonly NameOffer[] | null): ReadonlyMap<string, string> {
  return new Map((offers ?? []).map(({ name, pair }) => [pathComponentOf(name), pair]));
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
