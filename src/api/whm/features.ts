import { FEATURES, overrideFeatures } from '../../runs/manage/features.js';
import type { ApiAnswer, ApiHandler } from '../function.js';
import { ApiRefusal } from '../refusal.js';
import type { WhmHost } from './host.js';

/** `add_override_features_for_user`. */
export const addOverrides: ApiHandler<WhmHost> = async (given, host) => {
  const features = new Map<string, boolean>();
  for (const [name, value] of Object.entries(objectIn(given.json('features')))) {
    if (!['0', '1'].includes(String(value))) {
      throw new ApiRefusal(`The value of the feature “${name}” must be 1 or 0.`);
    }
    features.set(name, String(value) === '1');
  }
  return await override(given.text('user'), features, host);
};

/** `remove_override_features_for_user`. */
export const removeOverrides: ApiHandler<WhmHost> = async (given, host) => {
  const names = given.json('features');
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw new ApiRefusal('The parameter “features” must be a JSON array of names.');
  }
  const features = new Map(names.map((name) => [name, null]));
  return await override(given.text('user'), features, host);
};

/** `get_feature_names`. */
export const getFeatureNames: ApiHandler<WhmHost> = async () => {
  const feature = [...FEATURES].map(([id, name]) => ({ id, name }));
  return { data: { feature }, rows: 'feature' };
};

async function override(
  user: string,
  features: ReadonlyMap<string, boolean | null>,
  host: WhmHost,
): Promise<ApiAnswer> {
  if (features.size === 0) throw new ApiRefusal('The parameter “features” names no feature.');
  await overrideFeatures(user, features, await host.openUserFiles());
  return {};
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new ApiRefusal('The parameter “features” must be a JSON object of features with 1 or 0.');
}
