import type { ProviderDescription } from '../../core/provider/description.js';
import type { CertificateAuthority, Clock, RandomSource, RenewalInfoStore } from '../ports.js';

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
  { provider: name, directoryUrl }: { readonly provider: string; readonly directoryUrl: string },
  host: Pick<RenewalHost, 'provider' | 'providerNamed' | 'directoryUrlOf'>,
): ProviderDescription | undefined {
  const provider = host.provider.name === name ? host.provider : host.providerNamed(name);
  const isAsked =
    provider !== undefined &&
    provider.kind === 'acme' &&
    provider.hasRenewalInfo !== false &&
    host.directoryUrlOf(provider) === directoryUrl;
  return isAsked ? provider : undefined;
}
