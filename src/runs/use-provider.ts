import {
  type AcmeProtocolCode,
  AcmeProtocolError,
  ConfigurationError,
  UsageError,
} from '../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../core/domain/name/names.js';
import type { AcmeProblem, DirectoryFacts } from '../core/order/resources.js';
import { type ProviderChoice, resaid, type SaidChoice } from '../core/provider/choice.js';
import { type ChoiceVerb, commandAccepting } from '../core/provider/choice-command.js';
import type { ProviderDescription } from '../core/provider/description.js';
import { unfitFallback } from '../core/provider/failover.js';
import type { CaAccount, CertificateAuthority } from './ports/authority.js';

/** A choice with what the settings of this installation add to it. */
export interface CompleteChoice extends ProviderChoice {
  /** The HMAC key of an external account binding is known, from a file or from the settings. */
  readonly hasEabHmac: boolean;
}

export interface UseProviderHost {
  /** The provider that somebody named. @throws UsageError UNKNOWN_PROVIDER, ConfigurationError BROKEN_PROVIDER, UNSAFE_FILE */
  describe(name: string): Promise<ProviderDescription>;
  /** What was said about it before; null: nothing. */
  choiceOf(name: string): ProviderChoice | null;
  complete(choice: ProviderChoice): CompleteChoice;
  /** Makes the folders that an account is kept in; called when nothing stands against opening it. */
  prepareTree(): Promise<void>;
  openAuthority(provider: ProviderDescription, choice: ProviderChoice): Promise<CertificateAuthority>;
  /** Keeps what its directory says of it. */
  noteDirectory(provider: ProviderDescription, facts: DirectoryFacts): Promise<void>;
  /** Keeps what was said, and makes it the active provider where `isSelected`; `fallbacks` absent: they stay. */
  save(
    choice: ProviderChoice,
    options: { readonly isSelected: boolean; readonly fallbacks?: readonly string[] },
  ): Promise<void>;
  /** Who stands in for the active provider, by the names that were said. */
  fallbackNames(): readonly string[];
  /** URL of our account there; null: we have none. */
  accountUrlOf(name: string): Promise<string | null>;
}

export type UseProviderResult =
  | { readonly isChosen: true; readonly provider: ProviderDescription; readonly account: CaAccount }
  | { readonly isChosen: false; readonly refusal: AcmeProblem };

/**
 * Chooses the provider: asks its directory, checks that its present terms were accepted, registers our account (or finds
 * it), and only then stores the choice. What is not said stays as it was said before.
 * @throws UsageError UNKNOWN_PROVIDER, BAD_ARGUMENT; ConfigurationError TERMS_NOT_ACCEPTED, BAD_SETTING; AcmeProtocolError
 */
export async function useProvider(said: SaidChoice, host: UseProviderHost): Promise<UseProviderResult> {
  const { provider, choice, complete } = await readChoice(said, host);
  const primary = { ...provider, directoryUrl: complete.directoryUrl ?? provider.directoryUrl };
  const fallbacks = await checkFallbacks(primary, said.fallbacks, host);
  const authority = await host.openAuthority(provider, complete);
  const undone = `${provider.name} was not chosen, and what was chosen before stays`;
  const directory = await asked(() => authority.readDirectory(), undone);
  checkAgainstDirectory(complete, directory, { verb: 'use', said });
  await host.prepareTree();
  const account = await asked(() => authority.openAccount(), undone);
  if ('refused' in account) return { isChosen: false, refusal: account.refused };
  await host.save(choice, { isSelected: true, fallbacks });
  await host.noteDirectory(provider, directory);
  return { isChosen: true, provider, account };
}

/** Registers with a provider that is not to be the active one: it may stand in for that then. @throws as `useProvider` */
export async function registerProvider(said: SaidChoice, host: UseProviderHost): Promise<UseProviderResult> {
  const { provider, choice, complete } = await readChoice(said, host);
  const authority = await host.openAuthority(provider, complete);
  const undone = `${provider.name} did not register us, and nothing is changed`;
  const directory = await asked(() => authority.readDirectory(), undone);
  checkAgainstDirectory(complete, directory, { verb: 'register', said });
  await host.prepareTree();
  const account = await asked(() => authority.openAccount(), undone);
  if ('refused' in account) return { isChosen: false, refusal: account.refused };
  await host.save(choice, { isSelected: false });
  await host.noteDirectory(provider, directory);
  return { isChosen: true, provider, account };
}

/**
 * Who stands in for the provider from now on. What is named now must be usable: fit to stand in, registered with, its terms
 * accepted then. What was said before stays as far as it is. @throws UsageError BAD_ARGUMENT, UNKNOWN_PROVIDER
 */
async function checkFallbacks(
  primary: ProviderDescription,
  said: readonly string[] | undefined,
  host: UseProviderHost,
): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const name of said ?? host.fallbackNames()) {
    const fault = await fallbackFault(name, primary, host);
    if (fault === null) names.add((await host.describe(name)).name);
    else if (said !== undefined) throw fault;
  }
  return [...names];
}

async function fallbackFault(
  name: string,
  primary: ProviderDescription,
  host: UseProviderHost,
): Promise<UsageError | null> {
  let fallback: ProviderDescription;
  try {
    fallback = await host.describe(name);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  const choice = host.choiceOf(fallback.name);
  const said = choice === null ? null : host.complete(choice).directoryUrl;
  const unfit = unfitFallback({ ...fallback, directoryUrl: said ?? fallback.directoryUrl }, primary);
  if (unfit === 'IS_PRIMARY')
    return new UsageError('BAD_ARGUMENT', `${fallback.name} cannot stand in for itself`);
  if (unfit === 'UNTRUSTED') {
    return new UsageError(
      'BAD_ARGUMENT',
      `${fallback.name} cannot stand in for ${primary.name}: no visitor trusts its certificates`,
    );
  }
  if (fallback.kind === 'local' || (await host.accountUrlOf(fallback.name)) !== null) return null;
  return new UsageError('BAD_ARGUMENT', `${fallback.name} cannot stand in: we are not registered there`, {
    advice: `Run: autossl provider register ${fallback.name} --accept-terms URL`,
  });
}

/**
 * Asks the CA for somebody who waits for the answer: no run tries it again, so that is not what a failure says. `undone`: what
 * was not done, as a sentence without its end. @throws AcmeProtocolError
 */
export async function asked<T>(ask: () => Promise<T>, undone: string): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AcmeProtocolError)) throw error;
    const { code, message, retryAt, advice } = error;
    throw new AcmeProtocolError(code, message, {
      cause: error,
      retryAt,
      advice: `${undone}. ${(PASSING.includes(code) ? null : advice) ?? 'Check the network and the name service, and run it again.'}`,
    });
  }
}

/** What a run of autossl_check would try again by itself, as its own advice says. */
const PASSING: readonly AcmeProtocolCode[] = ['UNREACHABLE', 'TIMED_OUT', 'PROBLEM'];

/** What is said now on top of what was, and what the settings say; `choice` alone is to be stored. @throws as `useProvider` */
export async function readChoice(
  said: SaidChoice,
  host: Pick<UseProviderHost, 'describe' | 'choiceOf' | 'complete'>,
): Promise<{
  readonly provider: ProviderDescription;
  readonly choice: ProviderChoice;
  readonly complete: CompleteChoice;
}> {
  const provider = await host.describe(said.name);
  checkProperties(provider, said);
  const choice = resaid(host.choiceOf(provider.name), { ...said, name: provider.name });
  const complete = host.complete(choice);
  checkOptions(provider, complete);
  return { provider, choice, complete };
}

/** Of the API, and of the command line. */
const COMMON_WORDS =
  'x_directory (--directory), x_ca_bundle (--ca-bundle), x_eab_kid (--eab-kid), x_eab_hmac (--eab-hmac), x_profile (--profile) and x_terms_of_service_accepted (--accept-terms)';

/** What was said before of a property that there is no more is nobody's fault now. */
function checkProperties(provider: ProviderDescription, said: SaidChoice): void {
  const known = Object.keys(provider.properties);
  const unknown = Object.keys(said.properties ?? {}).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError('BAD_ARGUMENT', `${provider.name} has no property ${quoteForMessage(unknown)}`, {
    advice: `${known.length === 0 ? 'It has none of its own' : `Its own are: ${known.join(', ')}`}; all providers know ${COMMON_WORDS}.`,
  });
}

const FOR_ANOTHER_AUTHORITY = 'For another authority: autossl provider use CustomACME --directory URL.';

function checkOptions(provider: ProviderDescription, choice: CompleteChoice): void {
  if (provider.takesDirectory && provider.directoryUrl === null && choice.directoryUrl === null) {
    throw new UsageError('BAD_ARGUMENT', `${provider.name} needs the address of its ACME directory`, {
      advice: 'Give --directory URL.',
    });
  }
  const isNetworked =
    choice.directoryUrl !== null ||
    choice.caBundlePath !== null ||
    choice.eabKeyId !== null ||
    choice.hasEabHmac;
  if (provider.kind !== 'acme' && isNetworked) {
    const what = provider.kind === 'local' ? 'is on this server' : 'is a program of its own';
    throw new UsageError(
      'BAD_ARGUMENT',
      `${provider.name} ${what} and takes no --directory, --ca-bundle or --eab-…`,
      { advice: FOR_ANOTHER_AUTHORITY },
    );
  }
  if (provider.kind !== 'acme' && choice.profile !== null) {
    throw new UsageError('BAD_ARGUMENT', `${provider.name} has no profiles and takes no --profile`);
  }
  if (!provider.takesDirectory && choice.directoryUrl !== null) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `${provider.name} has a directory of its own and takes no --directory`,
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

/** Whether the CA's present terms were accepted, and what it asks of accounts is there. @throws ConfigurationError */
export function checkAgainstDirectory(
  choice: ProviderChoice,
  directory: DirectoryFacts,
  { verb, said }: { readonly verb: ChoiceVerb; readonly said: SaidChoice },
): void {
  const terms = directory.termsOfService;
  if (terms !== null && choice.acceptedTermsUrl !== terms) {
    const wrong =
      choice.acceptedTermsUrl === null ? '' : ` (not ${quoteForMessage(choice.acceptedTermsUrl)})`;
    throw new ConfigurationError(
      'TERMS_NOT_ACCEPTED',
      `the terms of service of ${choice.name} are at ${printable(terms)}${wrong} and are not accepted yet`,
      {
        advice: `Read them, then run: ${commandAccepting(terms, verb, { ...said, name: choice.name })}`,
      },
    );
  }
  const { profile } = choice;
  if (profile !== null && !directory.profiles.includes(profile)) {
    const offered = directory.profiles.map((one) => printable(one)).join(', ');
    throw new ConfigurationError(
      'BAD_SETTING',
      `${choice.name} offers no profile ${quoteForMessage(profile)}`,
      {
        advice: `${offered === '' ? 'It offers none.' : `It offers: ${offered}.`} Without one: --profile ''`,
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
