import { dirname, join } from 'node:path';
import { namesIn, sweepFolder } from '../../system/files/temporary-files.js';
import type { Tree } from '../../system/tree.js';

/**
 * Sweeps the folders that we write to. Those with a folder per website or name (certificates, archive) are many, and the
 * publish journal knows which of them a crash can have touched; `everywhere` looks into every one all the same.
 */
export function sweepTemporaryFiles(tree: Tree, options: { readonly everywhere: boolean }): number {
  const own = tree.own();
  const single = [
    own,
    ...namesIn(own).map((name) => join(own, name)),
    join(tree.staging(), 'publishing'),
    tree.reloadOwed(),
    tree.notServed(),
    ...below(join(own, 'accounts')).flatMap((folder) => [folder, ...below(folder)]),
    ...below(tree.index()),
    tree.placedRecords(),
    tree.sni(),
    ...below(tree.sni()),
    ...below(tree.localCa()),
    dirname(tree.autosslJson()),
    tree.logs(),
  ];
  const many = [tree.at('/var/cpanel/ssl/apache_tls'), tree.copies()];
  const all = options.everywhere
    ? [
        ...single,
        ...many.flatMap(below),
        ...below(tree.archive()).flatMap((folder) => [folder, ...below(folder)]),
      ]
    : single;
  return all.reduce((sum, folder) => sum + sweepFolder(folder), 0);
}

function below(folder: string): readonly string[] {
  return namesIn(folder).map((name) => join(folder, name));
}
