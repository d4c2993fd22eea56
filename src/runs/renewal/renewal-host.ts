import type { ProviderDescription } from '../../core/provider/description.js';
import type { CertificateAuthority, RenewalInfoStore } from '../ports/authority.js';
import type { Clock, RandomSource } from '../ports/clock.js';

/** What asking CAs when to replace their certificates needs of the world. */
export interface RenewalHost {
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomSource;
  readonly renewalInfo: RenewalInfoStore;
  readonly provider: ProviderDescription;
  providerNamed(name: string): ProviderDescription | undefined;
  directoryUrlOf(provider: ProviderDescription): string;
  openAuthority(provider: ProviderDescription): Promise<CertificateAuthority>;
}

/** The provider that a certificate is asked about at; undefined: it has gone, or moved, or has no such thing. */
export function askedProvider(
  certificate: { readonly provider: string; readonly directoryUrl: string },
  host: Pick<RenewalHost, 'provider' | 'providerNamed' | 'directoryUrlOf'>,
): ProviderDescription | undefined {
  const provider = reachedProvider(certificate, host);
  return provider?.hasRenewalInfo === false ? undefined : provider;
}

/** The same, whatever its directory said last of renewal information: what was told before is asked about all the same. */
export function reachedProvider(
  { provider: name, directoryUrl }: { readonly provider: string; readonly directoryUrl: string },
  host: Pick<RenewalHost, 'provider' | 'providerNamed' | 'directoryUrlOf'>,
): ProviderDescription | undefined {
  const provider = host.provider.name === name ? host.provider : host.providerNamed(name);
  const isReached =
    provider !== undefined && provider.kind === 'acme' && host.directoryUrlOf(provider) === directoryUrl;
  return isReached ? provider : undefined;
}
