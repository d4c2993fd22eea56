import { FileMetadata } from '../../../adapters/store/choices/metadata.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { MetadataStore } from '../../../runs/ports/options.js';
import { openOwnTree } from '../uapi/own-tree.js';

/** The documented settings of this tree. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export function openMetadata(environment: NodeJS.ProcessEnv, uid: number): MetadataStore {
  return metadataIn(openOwnTree(environment, uid));
}

/** The same of this tree. */
export function metadataIn(tree: Tree): MetadataStore {
  return new FileMetadata(tree);
}
