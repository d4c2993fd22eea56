import { UsageError } from '../../core/domain/autossl-error.js';
import { METADATA_DEFAULTS, type MetadataKey, metadataKeyOf } from '../../core/domain/metadata-key.js';
import { quoteForMessage } from '../../core/domain/name/names.js';

/** @throws UsageError BAD_ARGUMENT that names the key and those that there are */
export function parseMetadataKey(text: string): MetadataKey {
  const key = metadataKeyOf(text);
  if (key !== undefined) return key;
  throw new UsageError('BAD_ARGUMENT', `there is no metadata key ${quoteForMessage(text)}`, {
    advice: `There are ${[...METADATA_DEFAULTS.keys()].join(', ')}.`,
  });
}

/** A whole set, as a JSON object of 1 and 0. @throws UsageError BAD_ARGUMENT that names the key or value at fault */
export function parseMetadata(value: unknown): Map<MetadataKey, boolean> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError('BAD_ARGUMENT', 'metadata_json must be a JSON object of keys with 1 or 0');
  }
  const values = new Map<MetadataKey, boolean>();
  for (const [name, given] of Object.entries(value)) {
    const key = parseMetadataKey(name);
    values.set(key, metadataValue(key, given));
  }
  return values;
}

function metadataValue(key: MetadataKey, given: unknown): boolean {
  if (given === 1 || given === '1') return true;
  if (given === 0 || given === '0') return false;
  throw new UsageError(
    'BAD_ARGUMENT',
    `the value of ${key} must be 1 or 0, not ${quoteForMessage(JSON.stringify(given) ?? '')}`,
  );
}
