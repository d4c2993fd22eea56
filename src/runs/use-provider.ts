import { ConfigurationError, UsageError } from '../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../core/domain/names.js';
import type { AcmeProblem, DirectoryFacts } from '../core/order/resources.js';
import type { ProviderChoice } from '../core/provider/choice.js';
import type { ProviderDescription } from '../core/provider/description.js';
import { namedProvider } from '../core/provider/registry.js';
import type { CaAccount, CertificateAuthority } from './ports.js';

/** A choice with what the settings of this installation add to it. */
export interface CompleteChoice extends ProviderChoice {
  /** The HMAC key of an external account binding is known, from a file or from the settings. */
  readonly hasEabHmac: boolean;
}

export interface UseProviderHost {
  complete(choice: ProviderChoice): CompleteChoice;
  /** Makes the folders that an account is kept in; called when nothing stands against opening it. */
  prepareTree(): Promise<void>;
  openAuthority(provider: ProviderDescription, choice: ProviderChoice): Promise<CertificateAuthority>;
  /** Makes the choice the active provider. */
  save(choice: ProviderChoice): Promise<void>;
}

export type UseProviderResult =
  | { readonly isChosen: true; readonly provider: ProviderDescription; readonly account: CaAccount }
  | { readonly isChosen: false; readonly refusal: AcmeProblem };

/**
 * Chooses the provider: asks its directory, checks that its present terms were accepted, registers our account (or finds
 * it), and only then stores the choice. @throws UsageError UNKNOWN_PROVIDER, BAD_ARGUMENT; ConfigurationError
 * TERMS_NOT_ACCEPTED, BAD_SETTING; AcmeProtocolError
 */
export async function useProvider(said: ProviderChoice, host: UseProviderHost): Promise<UseProviderResult> {
  const provider = namedProvider(said.name);
  const choice = { ...said, name: provider.name };
  const complete = host.complete(choice);
  checkOptions(provider, complete);
  const authority = await host.openAuthority(provider, complete);
  checkAgainstDirectory(complete, await authority.readDirectory());
  await host.prepareTree();
  const account = await authority.openAccount();
  if ('refused' in account) return { isChosen: false, refusal: account.refused };
  await host.save(choice);
  return { isChosen: true, provider, account };
}

const FOR_ANOTHER_AUTHORITY = 'For another authority: autossl provider use CustomACME --directory URL.';

function checkOptions(provider: ProviderDescription, choice: CompleteChoice): void {
  if (provider.kind === 'acme' && provider.directoryUrl === null && choice.directoryUrl === null) {
    throw new UsageError('BAD_ARGUMENT', `${provider.name} needs the address of its ACME directory`, {
      advice: 'Give --directory URL.',
    });
  }
  if (provider.directoryUrl !== null && choice.directoryUrl !== null) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `${provider.name} has a directory of its own and takes no --directory`,
      { advice: FOR_ANOTHER_AUTHORITY },
    );
  }
  const isNetworked =
    choice.directoryUrl !== null ||
    choice.caBundlePath !== null ||
    choice.eabKeyId !== null ||
    choice.hasEabHmac;
  if (provider.kind === 'local' && isNetworked) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `${provider.name} is on this server and takes no --directory, --ca-bundle or --eab-…`,
      { advice: FOR_ANOTHER_AUTHORITY },
    );
  }
  if ((choice.eabKeyId !== null) !== choice.hasEabHmac) {
    throw new UsageError(
      'BAD_ARGUMENT',
      'external account binding needs both --eab-kid and --eab-hmac file:PATH',
    );
  }
}

function checkAgainstDirectory(choice: ProviderChoice, directory: DirectoryFacts): void {
  const terms = directory.termsOfService;
  if (terms !== null && choice.acceptedTermsUrl !== terms) {
    const wrong =
      choice.acceptedTermsUrl === null ? '' : ` (not ${quoteForMessage(choice.acceptedTermsUrl)})`;
    throw new ConfigurationError(
      'TERMS_NOT_ACCEPTED',
      `the terms of service of ${choice.name} are at ${printable(terms)}${wrong} and are not accepted yet`,
      {
        advice: `Read them, then run: autossl provider use ${choice.name} --accept-terms ${printable(terms)}`,
      },
    );
  }
  if (directory.requiresEab && choice.eabKeyId === null) {
    throw new ConfigurationError('BAD_SETTING', `${choice.name} requires external account binding`, {
      advice:
        'Get a key identifier and HMAC key from the provider and give --eab-kid ID --eab-hmac file:PATH.',
    });
  }
}
