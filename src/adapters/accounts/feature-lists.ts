import { join } from 'node:path';
import { hasAutosslFeature } from '../../core/domain/account/autossl-feature.js';
import { printable } from '../../core/domain/name/names.js';
import type { Tree } from '../system/tree.js';
import type { TreeReader } from '../system/tree-reader.js';
import { parseKeyValueLines } from './userdata/key-value-file.js';
import type { UserFile } from './users-file.js';

type ListReading = ReadonlyMap<string, string> | undefined | { readonly path: string; readonly why: string };

/** Whether an account has the feature, or the file that would say so and cannot be read. */
export type FeatureReading = boolean | { readonly path: string; readonly why: string };

/** A list's or package's name as a path component; panels allow blanks and put the reseller's name before. */
const LIST_NAME = /^[A-Za-z0-9_][A-Za-z0-9_. -]{0,127}$/;

/** `/var/cpanel/features` and `/var/cpanel/packages`, each file read once. */
export class FeatureLists {
  readonly #tree: Tree;
  readonly #reader: TreeReader;
  readonly #lists = new Map<string, ListReading>();

  constructor(tree: Tree, reader: TreeReader) {
    this.#tree = tree;
    this.#reader = reader;
  }

  /**
   * The list is the users file's FEATURELIST, else that of its package, else `default`; one that does not exist (or
   * whose name is no file name) is `default` too. A list that is there and cannot be read is a fault: never order for
   * an account that may have been switched off.
   */
  hasAutossl(user: UserFile): FeatureReading {
    const disabled = this.#list(this.#tree.features(), 'disabled');
    if (isFault(disabled)) return disabled;
    const name = this.#listNameOf(user);
    if (isFault(name)) return name;
    const own = this.#list(this.#tree.features(), name);
    if (isFault(own)) return own;
    const list = own ?? this.#list(this.#tree.features(), 'default');
    if (isFault(list)) return list;
    return hasAutosslFeature({ override: user.featureOverride, list, disabled });
  }

  #listNameOf(user: UserFile): string | { readonly path: string; readonly why: string } {
    if (user.featureList !== undefined) return user.featureList;
    if (user.plan === undefined) return 'default';
    const plan = this.#list(this.#tree.packages(), user.plan);
    if (isFault(plan)) return plan;
    return plan?.get('FEATURELIST') || 'default';
  }

  #list(folder: string, name: string): ListReading {
    if (!LIST_NAME.test(name)) return undefined;
    const path = join(folder, name);
    if (!this.#lists.has(path)) {
      const reading = this.#reader.read(path);
      if (reading.state === 'read') this.#lists.set(path, parseKeyValueLines(reading.text));
      else if (reading.state === 'absent') this.#lists.set(path, undefined);
      else this.#lists.set(path, { path, why: printable(reading.why) });
    }
    return this.#lists.get(path);
  }
}

function isFault<T>(
  value: T | { readonly path: string; readonly why: string },
): value is { readonly path: string; readonly why: string } {
  return typeof value === 'object' && value !== null && 'why' in value;
}
