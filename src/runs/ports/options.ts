import type { MetadataKey } from '../../core/domain/metadata-key.js';

/** The documented settings of `autossl.json`. Each change is made on what lies there then, one after the other. */
export interface MetadataStore {
  /** All documented keys. @throws ConfigurationError BAD_SETTING */
  read(): Promise<ReadonlyMap<MetadataKey, boolean>>;
  /** @throws ConfigurationError BAD_SETTING, StateError WRITE_FAILED */
  set(key: MetadataKey, value: boolean): Promise<void>;
  /** Changes several at once; the others stay. @throws as `set` */
  change(values: ReadonlyMap<MetadataKey, boolean>): Promise<void>;
  /** What is not given gets its default. @throws as `set` */
  replace(values: ReadonlyMap<MetadataKey, boolean>): Promise<void>;
}

/** The keys that stand in `autossl.json`, without defaults: what the administrator chose. */
export interface ChosenMetadata {
  /** @throws ConfigurationError BAD_SETTING */
  readChosen(): Promise<ReadonlyMap<MetadataKey, boolean>>;
}
