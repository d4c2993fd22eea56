import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHostName } from '../../src/core/domain/name/names.js';
import type { BuiltTree } from './tree-builder.js';

/** What of a website's files does not follow from its `combined`, in sentences. */
export function faultsOfDerivedSet(built: BuiltTree, vhost: string, names: readonly string[]): string[] {
  const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : 'nothing');
  const folder = built.tree.websiteTls(parseHostName(vhost));
  const combined = textOf(join(folder, 'combined'));
  const faults: string[] = [];
  const withoutKey = combined.slice(combined.indexOf('-----BEGIN CERTIFICATE-----'));
  if (textOf(join(folder, 'certificates')) !== withoutKey) faults.push(`${vhost}: certificates differ`);
  for (const name of names) {
    const copy = join(built.tree.domainTls(parseHostName(name)), 'combined');
    if (textOf(copy) !== combined) faults.push(`${vhost}: the copy of ${name} differs`);
  }
  return faults;
}
