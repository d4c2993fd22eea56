import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tree } from '../../../src/adapters/system/tree.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { installedSet } from '../installed-set.js';
import type { ProgramEnd } from '../started-program.js';
import type { BuiltTree } from '../tree-builder.js';
import { OUTSIDE } from './spoil.js';

/** A mistake of ours that was caught somewhere is one all the same. */
export function faultsOfWords({ stdout, stderr }: Pick<ProgramEnd, 'stdout' | 'stderr'>): string[] {
  const trace = /please report it|TypeError|RangeError/.exec(stdout + stderr);
  return trace === null ? [] : [`it says ${trace[0]}: ${stdout}${stderr}`];
}

/** Nothing changed beside the tree in this folder; `before`: the listing of what lies outside. */
export function faultsOfOutside(folder: string, before: string): string[] {
  const faults: string[] = [];
  if (listingOf(join(folder, OUTSIDE)) !== before) faults.push('it wrote outside of the tree');
  if (readdirSync(folder).sort().join() !== `${OUTSIDE},tree`)
    faults.push('it made something beside the tree');
  return faults;
}

/** Those of the websites that no spoilt path names. `done` and the places as for `faultsOfUntouched`. */
export function untouchedOf(vhosts: readonly string[], done: readonly string[]): readonly string[] {
  const spoilt = done.map((line) => line.replace(/: swapped with \//, ' ').split(': ')[0] ?? line).join(' ');
  // What lies above all websites is all websites’.
  if (/(?:^| )var\/cpanel\/ssl(?:\/apache_tls)?(?: |$)/.test(spoilt)) return [];
  return vhosts.filter((vhost, index) => !spoilt.includes(vhost) && !spoilt.includes(`user${index}`));
}

/**
 * Websites that no spoilt path names keep what they had in `hosted`, or have another sound pair. `done`: as `spoilTree` gave
 * it; the website at each place is that of the user with its number.
 */
export function faultsOfUntouched(
  hosted: BuiltTree,
  vhosts: readonly string[],
  root: string,
  done: readonly string[],
): string[] {
  const tree = new Tree(root);
  return untouchedOf(vhosts, done).flatMap((vhost) => {
    const path = tree.combined(parseHostName(vhost));
    try {
      if (readFileSync(path).equals(readFileSync(hosted.tree.combined(parseHostName(vhost))))) return [];
      const { leaf, key } = installedSet({ ...hosted, tree }, vhost);
      return leaf.checkPrivateKey(key) ? [] : [`${vhost} has a key of another certificate`];
    } catch (error) {
      return [`${vhost} lost its certificate: ${String(error)}`];
    }
  });
}

/** Paths, attributes and contents. */
export function listingOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const facts = lstatSync(join(folder, name));
      const contents = facts.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(folder, name)))
            .digest('hex')
        : '';
      return [name, facts.mode, facts.uid, facts.gid, facts.mtimeMs, contents].join(' ');
    })
    .join('\n');
}
