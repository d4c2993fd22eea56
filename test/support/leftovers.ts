import { everythingBelow } from './folder-listing.js';
import type { BuiltTree } from './tree-builder.js';

const OWN = 'var/cpanel/ssl/autossl';

/** Paths that no ended run may leave in a tree: temporary files, orders, staging, challenges and their folders. */
export function leftoversIn(built: BuiltTree): readonly string[] {
  return everythingBelow(built.root).filter(
    (path) =>
      path.includes('.autossl-tmp-') ||
      path.includes('/.well-known/') ||
      /\.damaged$/.test(path) ||
      new RegExp(`^${OWN}/(?:orders|staging|placed)/.`).test(
        path.replace(/(?:staging\/(?:publishing|reload-owed)|placed\/dns)\/$/, ''),
      ) ||
      /^var\/cpanel\/acme-challenge\/./.test(path),
  );
}
