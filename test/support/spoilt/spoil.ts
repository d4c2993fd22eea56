import { lstatSync, readFileSync } from 'node:fs';

export type Chance = () => number;

/** A copy of a tree that is being spoilt. */
export interface SpoiltTree {
  readonly root: string;
  /** Of everything in it that may be spoilt, relative to the root. */
  readonly paths: readonly string[];
}

/** One way to spoil what lies at a path; says what it did. */
export type Spoil = (path: string, chance: Chance, tree: SpoiltTree) => string;

/** What lies beside a tree, where a link in it may lead; nothing of it may change. */
export const OUTSIDE = 'outside';
export const UNSPOILT = 'as it was';

export function pick<T>(choices: readonly T[], chance: Chance): T {
  return choices[Math.floor(chance() * choices.length)] as T;
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Only files have contents; a folder is left as it is. */
export function inFile(spoil: (path: string, chance: Chance, bytes: Buffer) => string): Spoil {
  return (path, chance) => (lstatSync(path).isFile() ? spoil(path, chance, readFileSync(path)) : UNSPOILT);
}
