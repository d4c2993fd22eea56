import type { ApiFunction } from '../../function.js';
import { required } from '../../parameter.js';
import { list, object, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

const USER = required('user', 'the account');

/** Which accounts AutoSSL works for (behaviour section 8). */
export const FEATURE_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'add_override_features_for_user',
    help: 'Switch features on or off for one account, whatever its feature list says.',
    parameters: [USER, required('features', 'a JSON object of features with 1 or 0: {"autossl":1}', 'json')],
    data: null,
    load: async () => (await import('../features.js')).addOverrides,
  },
  {
    name: 'remove_override_features_for_user',
    help: 'Let features of one account follow its feature list again.',
    parameters: [USER, required('features', 'a JSON array of features: ["autossl"]', 'json')],
    data: null,
    load: async () => (await import('../features.js')).removeOverrides,
  },
  {
    name: 'get_feature_names',
    help: 'The features that can be switched.',
    parameters: [],
    data: object({ feature: list(object({ id: text, name: text })) }),
    load: async () => (await import('../features.js')).getFeatureNames,
  },
];
