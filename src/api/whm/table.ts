import type { ApiFunction } from '../function.js';
import type { WhmHost } from './host.js';
import { EXCLUSION_FUNCTIONS } from './table-exclusions.js';
import { METADATA_FUNCTIONS } from './table-metadata.js';

/** Every function of whmapi1 that we have, in the order of their names. */
export const WHM_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  ...EXCLUSION_FUNCTIONS,
  ...METADATA_FUNCTIONS,
].sort((a, b) => (a.name < b.name ? -1 : 1));
