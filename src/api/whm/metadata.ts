import { parseMetadata, parseMetadataKey } from '../../runs/manage/metadata.js';
import type { ApiHandler } from '../function.js';
import type { WhmHost } from './host.js';

/** `get_autossl_metadata`: all 13 keys as 1 and 0. */
export const getMetadata: ApiHandler<WhmHost> = async (_, host) => {
  const values = await (await host.openMetadata()).read();
  return { data: { payload: Object.fromEntries([...values].map(([key, value]) => [key, value ? 1 : 0])) } };
};

/** `set_autossl_metadata`: the whole set; keys not given revert to their defaults. */
export const setMetadata: ApiHandler<WhmHost> = async (given, host) => {
  const values = parseMetadata(given.json('metadata_json'));
  await (await host.openMetadata()).replace(values);
  return {};
};

/** `set_autossl_metadata_key`: one key. */
export const setMetadataKey: ApiHandler<WhmHost> = async (given, host) => {
  const key = parseMetadataKey(given.text('key'));
  await (await host.openMetadata()).set(key, given.flag('value') === true);
  return {};
};
