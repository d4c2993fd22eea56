import { UsageError } from '../../core/domain/autossl-error.js';
import { METADATA_DEFAULTS, type MetadataKey, metadataKeyOf } from '../../core/domain/metadata-key.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import {
  NOTICE_LEVELS,
  type NoticeAudience,
  type NoticeLevel,
  noticeLevelOf,
  noticesOfLevel,
} from '../../core/domain/notice-level.js';
import type { Options } from '../../core/report/tables/options-table.js';
import type { MetadataStore } from '../ports/options.js';

/** What the levels are called on the command line. */
const LEVEL_OPTIONS: ReadonlyMap<string, NoticeAudience> = new Map([
  ['administrator-notices', 'administrator'],
  ['user-notices', 'user'],
]);

/** The options of this server. @throws ConfigurationError BAD_SETTING */
export async function readOptions(store: MetadataStore): Promise<Options> {
  const metadata = await store.read();
  const keys = [...METADATA_DEFAULTS].map(([key, standard]) => [
    key,
    (metadata.get(key) ?? standard) ? 1 : 0,
  ]);
  return {
    schemaVersion: 1,
    administratorNotices: noticeLevelOf(metadata, 'administrator'),
    userNotices: noticeLevelOf(metadata, 'user'),
    metadata: Object.fromEntries(keys) as Options['metadata'],
  };
}

/**
 * Sets one documented key to 1 or 0, or the notices of one audience to a level: the others stay.
 * @throws UsageError BAD_ARGUMENT with nothing changed; ConfigurationError BAD_SETTING, StateError WRITE_FAILED
 */
export async function setOption(name: string, value: string, store: MetadataStore): Promise<void> {
  await store.change(optionValues(name, value));
}

function optionValues(name: string, value: string): ReadonlyMap<MetadataKey, boolean> {
  const audience = LEVEL_OPTIONS.get(name);
  if (audience !== undefined) return noticesOfLevel(parseLevel(name, value), audience);
  const key = metadataKeyOf(name);
  if (key === undefined) {
    throw new UsageError('BAD_ARGUMENT', `there is no option ${quoteForMessage(name)}`, {
      advice: `There are ${[...LEVEL_OPTIONS.keys(), ...METADATA_DEFAULTS.keys()].join(', ')}.`,
    });
  }
  if (value !== '0' && value !== '1') {
    throw new UsageError('BAD_ARGUMENT', `${key} takes 1 or 0, not ${quoteForMessage(value)}`);
  }
  return new Map([[key, value === '1']]);
}

function parseLevel(name: string, value: string): NoticeLevel {
  const level = NOTICE_LEVELS.find((one) => String(one) === value);
  if (level !== undefined) return level;
  throw new UsageError('BAD_ARGUMENT', `${name} takes a level from 1 to 4, not ${quoteForMessage(value)}`, {
    advice: '1: everything, 2: all but successful renewals, 3: failures, 4: nothing.',
  });
}
