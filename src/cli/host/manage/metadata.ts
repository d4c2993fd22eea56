import { FileMetadata } from '../../../adapters/store/choices/metadata.js';
import type { MetadataStore } from '../../../runs/ports.js';
import { openOwnTree } from '../uapi/own-tree.js';

/** The documented settings of this tree. @throws ConfigurationError UNSAFE_ROOT, NOT_PERMITTED */
export function openMetadata(environment: NodeJS.ProcessEnv, uid: number): MetadataStore {
  return new FileMetadata(openOwnTree(environment, uid));
}
