import { DirectoryFactsCache } from '../../../adapters/providers/directory-facts.js';
import { listModules, ModuleProgram } from '../../../adapters/providers/module-program.js';
import type { Tree } from '../../../adapters/system/tree.js';
import { AcmeProtocolError, ConfigurationError } from '../../../core/domain/autossl-error.js';
import { correctFromDirectory, type DirectorySaid } from '../../../core/provider/correct-from-directory.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import { parseModuleDescription } from '../../../core/provider/module-description.js';
import {
  findProvider,
  isTakenName,
  namedProvider,
  PROVIDERS,
  providerCalled,
} from '../../../core/provider/registry.js';
import type { BrokenProvider } from '../../../core/provider/standing.js';
import type { Settings } from '../../../runs/settings.js';
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
    const known = this.#described.get(name) ?? describeModule(this.#tree, this.#settings, name);
    this.#described.set(name, known);
    return known;
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

/** @throws ConfigurationError BROKEN_PROVIDER, UNSAFE_FILE, UNKNOWN_PROVIDER (its name is taken) */
async function describeModule(tree: Tree, settings: Settings, name: string): Promise<ProviderDescription> {
  const program = new ModuleProgram(tree, name, settings.acme.timeoutMs);
  let fault: string;
  try {
    const answer = await program.call('describe', {});
    const provider =
      answer.state === 'absent'
        ? { fault: 'it exports no describe()' }
        : parseModuleDescription(name, answer.value);
    if (!('fault' in provider)) return provider;
    fault = `the provider ${name} cannot be used: ${provider.fault}`;
  } catch (error) {
    if (!(error instanceof AcmeProtocolError)) throw error;
    fault = error.message;
  }
  throw new ConfigurationError('BROKEN_PROVIDER', fault, {
    advice: 'Mend or remove its module; nothing else is touched by it.',
  });
}

function isUnusable(error: unknown): error is ConfigurationError {
  return error instanceof ConfigurationError;
}

function withoutUnusable(error: unknown): undefined {
  if (!isUnusable(error)) throw error;
  return undefined;
}
