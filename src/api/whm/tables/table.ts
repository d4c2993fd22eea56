import type { ApiFunction } from '../../function.js';
import { list, object, text } from '../../shape.js';
import type { WhmHost } from '../host.js';
import { CERTIFICATE_FUNCTIONS } from './table-certificates.js';
import { CHECK_FUNCTIONS } from './table-checks.js';
import { EXCLUSION_FUNCTIONS } from './table-exclusions.js';
import { FEATURE_FUNCTIONS } from './table-features.js';
import { LOG_FUNCTIONS } from './table-logs.js';
import { METADATA_FUNCTIONS } from './table-metadata.js';
import { PROBLEM_FUNCTIONS } from './table-problems.js';
import { PROVIDER_FUNCTIONS } from './table-providers.js';
import { QUEUE_FUNCTIONS } from './table-queue.js';
import { SCHEDULE_FUNCTIONS } from './table-schedule.js';
import { SERVER_FUNCTIONS } from './table-server.js';
import { SERVICE_FUNCTIONS } from './table-services.js';

const APPLIST: ApiFunction<WhmHost> = {
  name: 'applist',
  help: 'The names of all functions.',
  parameters: [],
  data: object({ app: list(text) }),
  load: async () => async () => ({ data: { app: WHM_FUNCTIONS.map(({ name }) => name) } }),
};

/** Every function of whmapi1 that we have, in the order of their names. */
export const WHM_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  ...CHECK_FUNCTIONS,
  ...CERTIFICATE_FUNCTIONS,
  ...EXCLUSION_FUNCTIONS,
  ...FEATURE_FUNCTIONS,
  ...LOG_FUNCTIONS,
  ...METADATA_FUNCTIONS,
  ...PROBLEM_FUNCTIONS,
  ...PROVIDER_FUNCTIONS,
  ...QUEUE_FUNCTIONS,
  ...SCHEDULE_FUNCTIONS,
  ...SERVER_FUNCTIONS,
  ...SERVICE_FUNCTIONS,
  APPLIST,
].sort((a, b) => (a.name < b.name ? -1 : 1));
