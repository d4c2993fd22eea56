import { describe, expect, test } from '@jest/globals';
import { ACME_DEFAULTS } from '../../../src/core/provider/known/acme-defaults.js';
import { LETS_ENCRYPT, LETS_ENCRYPT_STAGING } from '../../../src/core/provider/known/lets-encrypt.js';
import { profileLimitsOf, withProfile } from '../../../src/core/provider/profiles.js';

const HOUR_MS = 3_600_000;
const CUSTOM = { ...ACME_DEFAULTS, name: 'CustomACME', displayName: 'x', directoryUrl: null };

describe('what holds for a profile', () => {
  test.each([
    ['classic', 100, 90 * 24],
    ['tlsserver', 25, 45 * 24],
    ['shortlived', 25, 160],
  ])('%s of Let’s Encrypt: %i names, %i hours', (profile, names, hours) => {
    for (const provider of [LETS_ENCRYPT, LETS_ENCRYPT_STAGING])
      expect(withProfile(provider, profile)).toMatchObject({
        profile,
        maxNamesPerCertificate: names,
        validityPeriodMs: hours * HOUR_MS,
      });
  });

  test('is nothing that is not documented: the description stays, but for its name', () => {
    expect(withProfile(CUSTOM, 'tlsserver')).toEqual({ ...CUSTOM, profile: 'tlsserver' });
    expect(withProfile(LETS_ENCRYPT, 'brandnew')).toEqual({ ...LETS_ENCRYPT, profile: 'brandnew' });
  });

  test('without one the description stays as it is', () => {
    expect(withProfile(LETS_ENCRYPT, null)).toBe(LETS_ENCRYPT);
  });

  test('every profile that the built-in description names is documented; addresses are for the shortest-lived', () => {
    for (const profile of LETS_ENCRYPT.profiles)
      expect(profileLimitsOf('LetsEncrypt', profile)).not.toBeNull();
    const takesAddresses = LETS_ENCRYPT.profiles.filter((one) =>
      profileLimitsOf('LetsEncrypt', one)?.identifiers.includes('ip'),
    );
    expect(takesAddresses).toEqual(['shortlived']);
  });
});
