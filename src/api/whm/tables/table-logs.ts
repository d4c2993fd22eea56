import type { ApiFunction } from '../../function.js';
import { required } from '../../parameter.js';
import { flag, instant, integer, list, object, orNull, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

const RECORD = object({
  timestamp: instant,
  type: { ...text, enum: ['out', 'warn', 'success', 'error', 'failure'] },
  indent: integer,
  pid: integer,
  partial: flag,
  contents: text,
});
const ENTRY = object({
  start_time: instant,
  provider: orNull(text),
  username: orNull(text),
  in_progress: flag,
});

/** What runs said (behaviour section 6). */
export const LOG_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'get_autossl_logs_catalog',
    help: 'The runs whose logs are kept, newest first.',
    parameters: [],
    data: object({ payload: list(ENTRY) }),
    load: async () => (await import('../logs.js')).getLogsCatalog,
  },
  {
    name: 'get_autossl_log',
    help: 'What one run said.',
    parameters: [required('start_time', 'when it started, as the catalogue has it')],
    data: object({ payload: list(RECORD) }),
    load: async () => (await import('../logs.js')).getLog,
  },
];
