import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { everythingBelow } from '../folder-listing.js';
import { oddInstant, oddKey, oddValue } from './json-spoils.js';
import { oddLock } from './lock-spoils.js';
import { oddName, tooMuch } from './name-spoils.js';
import { oddPem } from './pem-spoils.js';
import { PLACE_SPOILS } from './place-spoils.js';
import { type Chance, pick, type Spoil } from './spoil.js';
import { TEXT_SPOILS } from './text-spoils.js';

const SPOILS: readonly Spoil[] = [
  ...TEXT_SPOILS,
  ...PLACE_SPOILS,
  ...Array<Spoil>(6).fill(oddValue),
  oddKey,
  oddKey,
  oddInstant,
  oddInstant,
  oddPem,
  oddPem,
  oddPem,
  oddName,
  oddName,
  tooMuch,
  oddLock,
];

const WITHIN = /^(?:var\/cpanel\/|etc\/)./;

/** What of a tree may be spoilt, relative to its root. Homes of accounts are their own, and other suites’ matter. */
export function placesIn(root: string, within = WITHIN): readonly string[] {
  return everythingBelow(root)
    .map((path) => path.replace(/\/$/, ''))
    .filter((path) => within.test(path));
}

/** Spoils one to three paths of a tree, by the chance alone. Gives what was done, a sentence each, with the paths in them. */
export function spoilTree(root: string, chance: Chance, within = WITHIN): readonly string[] {
  const paths = placesIn(root, within);
  return Array.from({ length: 1 + Math.floor(chance() * 3) }, () => {
    const documented = pick(paths, chance);
    const path = join(root, documented);
    const spoil = pick(SPOILS, chance);
    try {
      lstatSync(path);
    } catch {
      // What was done before took it away, or what lies above it.
      return `${documented}: gone already`;
    }
    try {
      return `${documented}: ${spoil(path, chance, { root, paths })}`;
    } catch (error) {
      // What was done before allows nothing more there.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return `${documented}: ${String(error)}`;
    }
  });
}
