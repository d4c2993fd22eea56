import { UsageError } from '../../core/domain/autossl-error.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import type { ProviderChoice, SaidChoice } from '../../core/provider/choice.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import type { BrokenProvider, ProviderStanding } from '../../core/provider/standing.js';
import { usabilityOf } from '../../core/provider/usability.js';
import type { CaAccount, CertificateAuthority } from '../ports/authority.js';
import type { HeldLock } from '../ports/locks.js';
import type { OrderStore } from '../ports/orders.js';
import { asked, checkAgainstDirectory, readChoice, type UseProviderHost } from '../use-provider.js';

/** A registration that is being made beside the one in force. */
export interface NewRegistration {
  readonly authority: Pick<CertificateAuthority, 'readDirectory' | 'openAccount'>;
  /** Puts it in force: the former key goes to the archive first, and is never without a successor. */
  takeOver(): Promise<void>;
}

export interface ProvidersHost extends UseProviderHost {
  /** As `autossl.json` names it, which may be none of ours; null = none is chosen, or AutoSSL is disabled. */
  activeName(): string | null;
  /** The provider that data names. @throws ConfigurationError UNKNOWN_PROVIDER, BROKEN_PROVIDER, UNSAFE_FILE */
  find(name: string): Promise<ProviderDescription>;
  /** Every provider there is, and those that are broken. */
  list(): Promise<{
    readonly providers: readonly ProviderDescription[];
    readonly broken: readonly BrokenProvider[];
  }>;
  /** Since when it could not be used, every time it was tried; null: it answered last. */
  downSinceOf(name: string): Promise<string | null>;
  /** Switches AutoSSL off. */
  disable(): Promise<void>;
  openRegistration(provider: ProviderDescription, choice: ProviderChoice): Promise<NewRegistration>;
  readonly orders: Pick<OrderStore, 'list'>;
  lock(name: string, note: string): Promise<HeldLock>;
}

export interface ProviderList {
  readonly standings: readonly ProviderStanding[];
  readonly broken: readonly BrokenProvider[];
  /** The active provider's name where it is none of those listed. */
  readonly unknownActive: string | null;
}

/** Every provider, and how it stands here. @throws ConfigurationError BAD_SETTING */
export async function listProviders(host: ProvidersHost): Promise<ProviderList> {
  const { providers, broken } = await host.list();
  const standings = await Promise.all(providers.map((provider) => standingOf(provider, host)));
  const active = host.activeName();
  const unknownActive = standings.some(({ isActive }) => isActive) ? null : active;
  return { standings, broken, unknownActive };
}

/**
 * One provider, by default the active one; `isAsked`: its directory is asked what it says now. @throws UsageError
 * BAD_ARGUMENT, UNKNOWN_PROVIDER; ConfigurationError; AcmeProtocolError
 */
export async function showProvider(
  name: string | null,
  isAsked: boolean,
  host: ProvidersHost,
): Promise<ProviderStanding> {
  const wanted = name ?? host.activeName();
  if (wanted === null) {
    throw new UsageError('BAD_ARGUMENT', 'no provider is chosen, so name the one to show', {
      advice: 'See "autossl provider list".',
    });
  }
  // A name that autossl.json has is not the user's mistake.
  const provider = await (name === null ? host.find(wanted) : host.describe(wanted));
  if (!isAsked) return standingOf(provider, host);
  const { complete } = await readChoice({ name: provider.name }, host);
  const authority = await host.openAuthority(provider, complete);
  const ask = () => authority.readDirectory();
  await host.noteDirectory(provider, await asked(ask, 'What is known of it stays as it was'));
  return standingOf(await host.describe(provider.name), host);
}

/** Switches AutoSSL off: nothing is ordered; orders under way end with the next run after a provider is chosen again. */
export async function disableAutossl(host: Pick<ProvidersHost, 'disable'>): Promise<void> {
  await host.disable();
}

export type ResetResult =
  | {
      readonly isReset: true;
      readonly provider: ProviderDescription;
      readonly account: CaAccount;
      /** URL of the account before; null: there was none. */
      readonly formerUrl: string | null;
      /** Orders at the former account: they cannot be gone on with. */
      readonly lostOrders: number;
    }
  | { readonly isReset: false; readonly refusal: AcmeProblem };

/**
 * Registers anew: a new account with a new key, which takes the place of the former one only once the CA has taken it; the
 * former key is archived. Which provider is active stays. A crash anywhere leaves one of the two in force; until the new one
 * is, a repetition goes on with what was registered already. @throws as `useProvider`; StateError
 */
export async function resetProvider(said: SaidChoice, host: ProvidersHost): Promise<ResetResult> {
  const { provider, choice, complete } = await readChoice(said, host);
  if (provider.kind === 'local') {
    throw new UsageError(
      'BAD_ARGUMENT',
      `${provider.name} is on this server: there is no registration to reset`,
    );
  }
  const registration = await host.openRegistration(provider, complete);
  const undone = `${provider.name} was not reset: our registration there stays`;
  const directory = await asked(() => registration.authority.readDirectory(), undone);
  checkAgainstDirectory(complete, directory, { verb: 'reset', said });
  await host.prepareTree();
  const lock = await host.lock(`account:${provider.name}`, `resetting ${provider.name}`);
  try {
    const formerUrl = await host.accountUrlOf(provider.name);
    const account = await asked(() => registration.authority.openAccount(), undone);
    if ('refused' in account) return { isReset: false, refusal: account.refused };
    await lock.assertHeld();
    await registration.takeOver();
    await host.save(choice, { isSelected: false });
    await host.noteDirectory(provider, directory);
    const lostOrders = formerUrl === null ? 0 : await countOrders(provider.name, host);
    return { isReset: true, provider, account, formerUrl, lostOrders };
  } finally {
    await lock.release();
  }
}

async function countOrders(provider: string, { orders }: ProvidersHost): Promise<number> {
  const entries = await orders.list();
  const isAtCa = (phase: string): boolean => phase === 'placed' || phase === 'finalized';
  return entries.filter(
    (entry) => entry.state === 'ok' && entry.record.provider === provider && isAtCa(entry.record.phase),
  ).length;
}

async function standingOf(provider: ProviderDescription, host: ProvidersHost): Promise<ProviderStanding> {
  return {
    provider,
    // Case does not matter, as in `provider use`.
    isActive: provider.name.toLowerCase() === host.activeName()?.toLowerCase(),
    choice: host.choiceOf(provider.name),
    fallbackPlace: placeIn(host.fallbackNames(), provider.name),
    downSince: await host.downSinceOf(provider.name),
    accountUrl: await host.accountUrlOf(provider.name),
    usability: usabilityOf(provider),
  };
}

/** From 1 on; null: it stands in for nobody. */
function placeIn(names: readonly string[], name: string): number | null {
  const at = names.findIndex((one) => one.toLowerCase() === name.toLowerCase());
  return at === -1 ? null : at + 1;
}
