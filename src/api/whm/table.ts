import type { ApiFunction } from '../function.js';
import type { WhmHost } from './host.js';
import { EXCLUSION_FUNCTIONS } from './table-exclusions.js';
import { LOG_FUNCTIONS } from './table-logs.js';
import { METADATA_FUNCTIONS } from './table-metadata.js';
import { QUEUE_FUNCTIONS } from './table-queue.js';

/** Every function of whmapi1 that we have, in the order of their names. */
export const WHM_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  ...EXCLUSION_FUNCTIONS,
  ...LOG_FUNCTIONS,
  ...METADATA_FUNCTIONS,
  ...QUEUE_FUNCTIONS,
].sort((a, b) => (a.name < b.name ? -1 : 1));
