import { DirectoryFactsCache } from '../../../adapters/providers/directory-facts.js';
import { listModules } from '../../../adapters/providers/module-folder.js';
import type { Tree } from '../../../adapters/system/tree.js';
import { ConfigurationError } from '../../../core/domain/autossl-error.js';
import { correctFromDirectory, type DirectorySaid } from '../../../core/provider/correct-from-directory.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import {
  findProvider,
  isTakenName,
  namedProvider,
  PROVIDERS,
  providerCalled,
} from '../../../core/provider/registry.js';
import type { BrokenProvider } from '../../../core/provider/standing.js';
import type { Settings } from '../../../runs/ports/settings.js';
import { choiceOf } from './provider-choice.js';

/** The providers of this server: those built in, as their directories corrected them, and those of third parties. */
export class ProviderCatalogue {
  readonly #tree: Tree;
  readonly #settings: Settings;
  readonly #directories: DirectoryFactsCache;
  readonly #described = new Map<string, Promise<ProviderDescription>>();

  constructor(tree: Tree, settings: Settings) {
    this.#tree = tree;
    this.#settings = settings;
    this.#directories = new DirectoryFactsCache(tree);
  }

  /** One that data names. @throws ConfigurationError UNKNOWN_PROVIDER, BROKEN_PROVIDER, UNSAFE_FILE */
  async find(name: string): Promise<ProviderDescription> {
    return (await this.#lookUp(name)) ?? findProvider(name);
  }

  /** One that somebody typed. @throws UsageError UNKNOWN_PROVIDER; ConfigurationError BROKEN_PROVIDER, UNSAFE_FILE */
  async named(name: string): Promise<ProviderDescription> {
    return (await this.#lookUp(name)) ?? namedProvider(name, await listModules(this.#tree));
  }

  /** The same of names in data of which some may be nobody's any more: those are left out. */
  async findAll(names: Iterable<string>): Promise<readonly ProviderDescription[]> {
    const found = await Promise.all(
      [...new Set(names)].map((name) => this.#lookUp(name).catch(withoutUnusable)),
    );
    return found.filter((one) => one !== undefined);
  }

  /** Every provider there is, and the modules that cannot be used. */
  async list(): Promise<{
    readonly providers: readonly ProviderDescription[];
    readonly broken: readonly BrokenProvider[];
  }> {
    const providers = await Promise.all(PROVIDERS.map((one) => this.#corrected(one)));
    const broken: BrokenProvider[] = [];
    for (const name of await listModules(this.#tree)) {
      try {
        providers.push(await this.#describe(name));
      } catch (error) {
        if (!isUnusable(error)) throw error;
        broken.push({ name, why: error.message });
      }
    }
    return { providers, broken };
  }

  /** Keeps what a provider's directory says, so that all who describe the provider know it. */
  async note(provider: ProviderDescription, facts: DirectorySaid): Promise<void> {
    const url = this.#directoryOf(provider);
    if (url !== null) await this.#directories.keep(provider.name, url, facts);
  }

  /** Undefined: there is none of this name, in any case of its letters. */
  async #lookUp(name: string): Promise<ProviderDescription | undefined> {
    const builtIn = providerCalled(name);
    if (builtIn !== undefined) return this.#corrected(builtIn);
    if (isTakenName(name)) return undefined;
    const modules = await listModules(this.#tree);
    const module = modules.find((one) => one.toLowerCase() === name.toLowerCase());
    return module === undefined ? undefined : this.#describe(module);
  }

  #describe(name: string): Promise<ProviderDescription> {
    const known = this.#described.get(name) ?? this.#ask(name);
    this.#described.set(name, known);
    return known;
  }

  /** Most servers have none: what runs modules is loaded where one lies there. */
  async #ask(name: string): Promise<ProviderDescription> {
    const { describeModule } = await import('./described-module.js');
    return describeModule(this.#tree, this.#settings, name);
  }

  async #corrected(provider: ProviderDescription): Promise<ProviderDescription> {
    if (provider.kind !== 'acme') return provider;
    const url = this.#directoryOf(provider);
    const said = url === null ? null : await this.#directories.read(provider.name, url);
    return said === null ? provider : correctFromDirectory(provider, said);
  }

  #directoryOf({ kind, name, directoryUrl }: ProviderDescription): string | null {
    return kind === 'acme' ? (choiceOf(this.#tree, this.#settings, name).directoryUrl ?? directoryUrl) : null;
  }
}

function isUnusable(error: unknown): error is ConfigurationError {
  return error instanceof ConfigurationError;
}

function withoutUnusable(error: unknown): undefined {
  if (!isUnusable(error)) throw error;
  return undefined;
}
