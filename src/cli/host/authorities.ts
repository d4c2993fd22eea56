import { systemClock } from '../../adapters/system/clock.js';
import { readTextFile } from '../../adapters/system/files.js';
import { systemRandom } from '../../adapters/system/random.js';
import { readSecretFile } from '../../adapters/system/secret-file.js';
import type { Tree } from '../../adapters/system/tree.js';
import { readCertificate } from '../../core/certificate/parse.js';
import { ConfigurationError, InternalError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/names.js';
import type { ProviderChoice } from '../../core/provider/choice.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import type { CertificateAuthority } from '../../runs/ports.js';
import type { ProviderSettings, Settings } from '../../runs/settings.js';
import { observeHttp } from '../../runs/validation/observe-http.js';
import { VERSION } from '../version.js';
import type { Sight } from './sight.js';

/** Opens one authority per provider and keeps it for the run. */
export class AuthorityOpener {
  readonly #tree: Tree;
  readonly #settings: Settings;
  readonly #sight: Sight;
  readonly #opened = new Map<string, Promise<CertificateAuthority & { close?(): void }>>();

  constructor(tree: Tree, settings: Settings, sight: Sight) {
    this.#tree = tree;
    this.#settings = settings;
    this.#sight = sight;
  }

  open(provider: ProviderDescription, choice: ProviderChoice): Promise<CertificateAuthority> {
    const known = this.#opened.get(provider.name);
    if (known !== undefined) return known;
    const opened = provider.kind === 'local' ? this.#openLocal(provider) : this.#openAcme(provider, choice);
    this.#opened.set(provider.name, opened);
    return opened;
  }

  async close(): Promise<void> {
    for (const authority of this.#opened.values()) (await authority).close?.();
  }

  async #openAcme(
    provider: ProviderDescription,
    choice: ProviderChoice,
  ): Promise<CertificateAuthority & { close(): void }> {
    const { createAcmeAuthority } = await import('../../adapters/acme/authority.js');
    const { createAccountFiles } = await import('../../adapters/acme/account-files.js');
    const { acme, providers } = this.#settings;
    const directoryUrl = choice.directoryUrl ?? provider.directoryUrl;
    if (directoryUrl === null) throw new InternalError('BUG', `${provider.name} has no directory`);
    return createAcmeAuthority({
      provider: provider.name,
      directoryUrl,
      accountFiles: createAccountFiles(this.#tree, provider.name),
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
  }

  async #openLocal(provider: ProviderDescription): Promise<CertificateAuthority> {
    const { LocalAuthority } = await import('../../adapters/local-ca/authority.js');
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
