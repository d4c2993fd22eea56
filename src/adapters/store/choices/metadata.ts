import type { MetadataKey } from '../../../core/domain/metadata-key.js';
import type { ChosenMetadata, MetadataStore } from '../../../runs/ports/options.js';
import type { Tree } from '../../system/tree.js';
import {
  readAutosslJson,
  readChosenMetadata,
  replaceMetadata,
  setMetadata,
  updateAutosslJson,
} from './autossl-json.js';

/** The documented settings in `/var/cpanel/autossl.json`. */
export class FileMetadata implements MetadataStore, ChosenMetadata {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async read(): Promise<ReadonlyMap<MetadataKey, boolean>> {
    return readAutosslJson(this.#tree).metadata;
  }

  async readChosen(): Promise<ReadonlyMap<MetadataKey, boolean>> {
    return readChosenMetadata(this.#tree);
  }

  async set(key: MetadataKey, value: boolean): Promise<void> {
    await updateAutosslJson(this.#tree, (json) => setMetadata(json, key, value));
  }

  async change(values: ReadonlyMap<MetadataKey, boolean>): Promise<void> {
    await updateAutosslJson(this.#tree, (json) => {
      for (const [key, value] of values) setMetadata(json, key, value);
    });
  }

  async replace(values: ReadonlyMap<MetadataKey, boolean>): Promise<void> {
    await updateAutosslJson(this.#tree, (json) => replaceMetadata(json, values));
  }
}
