import type { ProviderDescription } from './description.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a CA documents of one of its profiles (protocol C2). */
export interface ProfileLimits {
  readonly maxNamesPerCertificate: number;
  /** Of its certificates. */
  readonly lifeMs: number;
  readonly identifiers: readonly ('dns' | 'ip')[];
}

/** Let's Encrypt's, as of July 2026 (https://letsencrypt.org/docs/profiles/). */
const LETS_ENCRYPT: ReadonlyMap<string, ProfileLimits> = new Map([
  [
    'classic',
    {
      maxNamesPerCertificate: 100,
      lifeMs: 90 * DAY_MS,
      identifiers: ['dns'],
    },
  ],
  ['tlsserver', ofFewNames(45 * DAY_MS, ['dns'])],
  ['shortlived', ofFewNames(160 * HOUR_MS, ['dns', 'ip'])],
]);

function ofFewNames(lifeMs: number, identifiers: ProfileLimits['identifiers']): ProfileLimits {
  return {
    maxNamesPerCertificate: 25,
    lifeMs,
    identifiers,
  };
}

const BY_PROVIDER: ReadonlyMap<string, ReadonlyMap<string, ProfileLimits>> = new Map([
  ['LetsEncrypt', LETS_ENCRYPT],
  ['LetsEncryptStaging', LETS_ENCRYPT],
]);

/** Null: nobody documents that profile to us. */
export function profileLimitsOf(provider: string, profile: string): ProfileLimits | null {
  return BY_PROVIDER.get(provider)?.get(profile) ?? null;
}

/** That of orders which name none. */
const DEFAULT_PROFILE = 'classic';

/**
 * Whether certificates may name IP addresses (RFC 8738). False: it is known that they may not. Of whom nobody documents it to us
 * is asked.
 */
export function mayNameAddresses({ kind, name }: ProviderDescription, profile: string | null): boolean {
  if (kind !== 'acme') return false;
  const limits = profileLimitsOf(name, profile ?? DEFAULT_PROFILE);
  return limits === null || limits.identifiers.includes('ip');
}

/**
 * The description with what holds for the certificates of a profile; null: the CA's default one. What is not documented of a
 * profile is as without it; its certificates' own life says when they are renewed all the same.
 */
export function withProfile(description: ProviderDescription, profile: string | null): ProviderDescription {
  if (profile === null) return description;
  const limits = profileLimitsOf(description.name, profile);
  const { maxNamesPerCertificate: most } = description;
  return {
    ...description,
    profile,
    ...(limits === null
      ? {}
      : {
          maxNamesPerCertificate: Math.min(most ?? Number.POSITIVE_INFINITY, limits.maxNamesPerCertificate),
          validityPeriodMs: limits.lifeMs,
        }),
  };
}
