import type { AccountFiles } from '../../../adapters/acme/account-files.js';
import type { ModuleAuthority } from '../../../adapters/providers/module-authority.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { readTextFile } from '../../../adapters/system/files/files.js';
import { readSecretFile } from '../../../adapters/system/files/secret-file.js';
import { systemRandom } from '../../../adapters/system/random.js';
import type { Tree } from '../../../adapters/system/tree.js';
import { readCertificate } from '../../../core/certificate/parse.js';
import { ConfigurationError, InternalError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { DirectoryFacts } from '../../../core/order/resources.js';
import type { ProviderChoice } from '../../../core/provider/choice.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import type { NewRegistration } from '../../../runs/manage/providers.js';
import type { CertificateAuthority, ProviderHooks } from '../../../runs/ports/authority.js';
import type { ProviderSettings, Settings } from '../../../runs/ports/settings.js';
import { observeHttp } from '../../../runs/validation/observe-http.js';
import { VERSION } from '../../version.js';
import type { Sight } from '../websites/sight.js';

/** What a property begins with that stands in a file of root's. */
const IN_FILE = 'file:';

/** Opens one authority per provider and keeps it for the run. */
export class AuthorityOpener {
  readonly #tree: Tree;
  readonly #settings: Settings;
  readonly #sight: Sight;
  readonly #onDirectory: (provider: ProviderDescription, facts: DirectoryFacts) => Promise<void>;
  readonly #opened = new Map<string, Promise<CertificateAuthority & { close?(): void }>>();

  /** `onDirectory` is told what the directory of an ACME CA says whenever one is read. */
  constructor(
    tree: Tree,
    settings: Settings,
    sight: Sight,
    onDirectory: (provider: ProviderDescription, facts: DirectoryFacts) => Promise<void> = async () =>
      undefined,
  ) {
    this.#tree = tree;
    this.#onDirectory = onDirectory;
    this.#settings = settings;
    this.#sight = sight;
  }

  open(provider: ProviderDescription, choice: ProviderChoice): Promise<CertificateAuthority> {
    const known = this.#opened.get(provider.name);
    if (known !== undefined) return known;
    const opened = this.#openKind(provider, choice);
    this.#opened.set(provider.name, opened);
    return opened;
  }

  #openKind(
    provider: ProviderDescription,
    choice: ProviderChoice,
  ): Promise<CertificateAuthority & { close?(): void }> {
    switch (provider.kind) {
      case 'local':
        return this.#openLocal(provider);
      case 'module':
        return this.#openModule(provider, choice);
      case 'acme':
        return this.#openAcme(provider, choice);
    }
  }

  /** Null: the provider is no third party's. */
  async openHooks(provider: ProviderDescription, choice: ProviderChoice): Promise<ProviderHooks | null> {
    if (provider.kind !== 'module') return null;
    const { ModuleHooks } = await import('../../../adapters/providers/module-hooks.js');
    const { ModuleProgram } = await import('../../../adapters/providers/module-program.js');
    const program = new ModuleProgram(this.#tree, provider.name, this.#settings.acme.timeoutMs);
    return new ModuleHooks(program, this.#tree, propertiesOf(provider, choice));
  }

  /** A registration beside the one in force. Not kept: it is closed once it took over. */
  async openRegistration(provider: ProviderDescription, choice: ProviderChoice): Promise<NewRegistration> {
    if (provider.kind === 'module') {
      const authority = await this.#openModule(provider, choice);
      // Its own account is the module's to succeed.
      const openAccount: CertificateAuthority['openAccount'] = (signal) => authority.reset(signal);
      const readDirectory: CertificateAuthority['readDirectory'] = () => authority.readDirectory();
      return { authority: { readDirectory, openAccount }, takeOver: async () => undefined };
    }
    const { openSuccession } = await import('../../../adapters/acme/account-succession.js');
    const succession = openSuccession(this.#tree, provider.name);
    const authority = await this.#openAcmeWith(provider, choice, succession.files);
    return { authority, takeOver: () => succession.takeOver(systemClock.now()) };
  }

  async close(): Promise<void> {
    for (const authority of this.#opened.values()) (await authority).close?.();
  }

  async #openAcme(
    provider: ProviderDescription,
    choice: ProviderChoice,
  ): Promise<CertificateAuthority & { close(): void }> {
    const { createAccountFiles } = await import('../../../adapters/acme/account-files.js');
    return this.#openAcmeWith(provider, choice, createAccountFiles(this.#tree, provider.name));
  }

  async #openAcmeWith(
    provider: ProviderDescription,
    choice: ProviderChoice,
    accountFiles: AccountFiles,
  ): Promise<CertificateAuthority & { close(): void }> {
    const { createAcmeAuthority } = await import('../../../adapters/acme/authority.js');
    const { acme, providers } = this.#settings;
    const directoryUrl = choice.directoryUrl ?? provider.directoryUrl;
    if (directoryUrl === null) throw new InternalError('BUG', `${provider.name} has no directory`);
    const authority = createAcmeAuthority({
      provider: provider.name,
      directoryUrl,
      accountFiles,
      termsAccepted: choice.acceptedTermsUrl,
      eab: externalAccountOf(choice, providers.get(provider.name)),
      contact: acme.contacts,
      accountKeyType: acme.accountKeyType,
      caBundlePem: choice.caBundlePath === null ? null : await readCaBundle(choice.caBundlePath),
      timeoutMs: acme.timeoutMs,
      preferredChain: acme.preferredChain,
      readCertificate,
      userAgent: `autossl/${VERSION}`,
    });
    const { readDirectory } = authority;
    authority.readDirectory = async (signal) => {
      const facts = await readDirectory(signal);
      await this.#onDirectory(provider, facts);
      return facts;
    };
    return authority;
  }

  async #openModule(provider: ProviderDescription, choice: ProviderChoice): Promise<ModuleAuthority> {
    const { ModuleAuthority } = await import('../../../adapters/providers/module-authority.js');
    const { ModuleProgram } = await import('../../../adapters/providers/module-program.js');
    return new ModuleAuthority({
      program: new ModuleProgram(this.#tree, provider.name, this.#settings.acme.timeoutMs),
      provider,
      tree: this.#tree,
      clock: systemClock,
      random: systemRandom,
      properties: propertiesOf(provider, choice),
      termsAccepted: choice.acceptedTermsUrl,
      readCertificate,
    });
  }

  async #openLocal(provider: ProviderDescription): Promise<CertificateAuthority> {
    const { LocalAuthority } = await import('../../../adapters/local-ca/authority.js');
    const { resolver, probe, ...ours } = this.#sight;
    const policy = { ...ours, maxRedirects: provider.httpMaxRedirects };
    return new LocalAuthority({
      tree: this.#tree,
      clock: systemClock,
      random: systemRandom,
      policy,
      observe: (name, challenge, signal) => observeHttp(name, challenge, { resolver, probe, policy }, signal),
      isResolverAnswering: () => resolver.isAnswering(),
    });
  }
}

/** What was said of the properties that it has now; what stands in a file is read from there at each use. */
function propertiesOf(
  provider: ProviderDescription,
  { properties }: ProviderChoice,
): Readonly<Record<string, string>> {
  const said = Object.entries(properties).filter(([name]) => Object.hasOwn(provider.properties, name));
  return Object.fromEntries(
    said.map(([name, value]) => [
      name,
      value.startsWith(IN_FILE) ? readSecretFile(value.slice(IN_FILE.length)).reveal() : value,
    ]),
  );
}

/** The secret is read at each use, from the file that was named, or from the settings. */
function externalAccountOf(choice: ProviderChoice, written: ProviderSettings | undefined) {
  if (choice.eabKeyId === null) return null;
  const secret = choice.eabHmacPath === null ? written?.eabHmac : readSecretFile(choice.eabHmacPath);
  return secret == null ? null : { kid: choice.eabKeyId, hmac: secret.reveal() };
}

async function readCaBundle(path: string): Promise<string> {
  const text = await readTextFile(path).catch(() => undefined);
  if (text?.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new ConfigurationError(
    'BAD_SETTING',
    `the CA bundle ${quoteForMessage(path)} cannot be read or holds no certificate`,
  );
}
