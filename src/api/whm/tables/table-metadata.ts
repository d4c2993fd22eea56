import { METADATA_DEFAULTS } from '../../../core/domain/metadata-key.js';
import type { ApiFunction } from '../../function.js';
import { required } from '../../parameter.js';
import { flag, object } from '../../shape.js';
import type { WhmHost } from '../host.js';

const keys = Object.fromEntries([...METADATA_DEFAULTS.keys()].map((key) => [key, flag]));

/** The options of AutoSSL (behaviour section 7). */
export const METADATA_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'get_autossl_metadata',
    help: 'The options of AutoSSL: who is told of what, and more.',
    parameters: [],
    data: object({ payload: object(keys) }),
    load: async () => (await import('../metadata.js')).getMetadata,
  },
  {
    name: 'set_autossl_metadata',
    help: 'Replace all options; those not given revert to their defaults.',
    parameters: [required('metadata_json', 'a JSON object of keys with 1 or 0', 'json')],
    data: null,
    load: async () => (await import('../metadata.js')).setMetadata,
  },
  {
    name: 'set_autossl_metadata_key',
    help: 'Change one option.',
    parameters: [required('key', 'the option'), required('value', '1 or 0', 'flag')],
    data: null,
    load: async () => (await import('../metadata.js')).setMetadataKey,
  },
];
