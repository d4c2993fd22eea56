import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/core/domain/autossl-error.js';
import { pollLimitsOf } from '../../../src/core/order/polling.js';
import type { DirectoryFacts } from '../../../src/core/order/resources.js';
import { correctFromDirectory } from '../../../src/core/provider/correct-from-directory.js';
import { LETS_ENCRYPT } from '../../../src/core/provider/known/lets-encrypt.js';
import { findProvider, namedProvider, PROVIDERS } from '../../../src/core/provider/registry.js';

const FACTS: DirectoryFacts = {
  termsOfService: null,
  website: null,
  caaIdentities: [],
  requiresEab: false,
  hasRenewalInfo: false,
  profiles: [],
  clockOffsetMs: null,
};

describe('the providers', () => {
  test('Let’s Encrypt carries the documented values', () => {
    expect(findProvider('LetsEncrypt')).toMatchObject({
      displayName: 'Let’s Encrypt™',
      averageDeliveryTimeMs: 5_000,
      dcvMethods: ['http-01', 'dns-01'],
      deliveryMethod: 'api',
      httpMaxRedirects: 10,
      maxNamesPerCertificate: 100,
      certificatesPerRegisteredDomainPerWeek: 50,
      supportsAncestorDcv: false,
      supportsWildcard: true,
      validityPeriodMs: 7_776_000_000,
      daysToReplace: 29,
      caaIdentities: ['letsencrypt.org'],
      issuerOrganizations: ["Let's Encrypt"],
    });
  });

  test('each has a name of its own that can be a folder, and bounds that make sense', () => {
    expect(new Set(PROVIDERS.map((one) => one.name.toLowerCase())).size).toBe(PROVIDERS.length);
    for (const one of PROVIDERS) {
      expect(one.name).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
      expect(one.minPollMs).toBeLessThanOrEqual(one.maxPollMs);
      expect(one.minPollMs).toBeGreaterThan(0);
      expect(one.directoryUrl === null || one.directoryUrl.startsWith('https://')).toBe(true);
    }
  });

  test.each(['letsencrypt', 'LETSENCRYPT', 'LetsEncrypt'])('%s is found whatever its case', (name) => {
    expect(findProvider(name)).toBe(LETS_ENCRYPT);
  });

  test('an unknown one is refused with the list of those there are', () => {
    expect(() => findProvider('Verisign')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_PROVIDER',
        advice:
          'There are: LetsEncrypt, LetsEncryptStaging, GoogleTrustServices, ZeroSSL, Sectigo, SSLcom, Actalis, DigiCert, CustomACME, LocalCA.',
      }),
    );
  });

  test('one that is asked for in a command is refused as wrong usage', () => {
    expect(() => namedProvider('Verisign')).toThrow(UsageError);
    expect(() => namedProvider('cPanel')).toThrow(UsageError);
    expect(namedProvider('letsencrypt')).toBe(LETS_ENCRYPT);
  });

  test('cPanel’s own is refused with what to use instead', () => {
    expect(() => findProvider('cPanel')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_PROVIDER',
        advice: expect.stringContaining('autossl provider use LetsEncrypt'),
      }),
    );
  });

  test('what CAs that also sell certificates issued is never ours without a record', () => {
    const known = PROVIDERS.filter((one) => one.isKnownByIssuer).map((one) => one.name);
    expect(known).toEqual(['LetsEncrypt', 'LetsEncryptStaging', 'GoogleTrustServices', 'LocalCA']);
  });

  test('who is waited for and who is polled is stated', () => {
    const queued = PROVIDERS.filter((one) => one.deliveryMethod === 'queue').map((one) => one.name);
    expect(queued).toEqual(['ZeroSSL', 'Sectigo']);
  });

  test.each([
    ['GoogleTrustServices', { requiresEab: true, caaIdentities: ['pki.goog'], hasRenewalInfo: true }],
    ['ZeroSSL', { requiresEab: true, hasRenewalInfo: false, validityPeriodMs: 7_776_000_000 }],
    [
      'Sectigo',
      { httpMaxRedirects: 0, maxNamesPerCertificate: 1000, daysToReplace: 15, takesDirectory: true },
    ],
    ['SSLcom', { maxNamesPerCertificate: 2, supportsWildcard: false, takesDirectory: true }],
    ['Actalis', { maxNamesPerCertificate: 2, supportsWildcard: false, takesDirectory: false }],
    ['DigiCert', { requiresEab: true, takesDirectory: true, validityPeriodMs: null }],
  ])('%s is as published', (name, facts) => {
    expect(findProvider(name)).toMatchObject(facts);
  });

  test('queue delivery parks at once and gives validation two days', () => {
    expect(pollLimitsOf({ ...LETS_ENCRYPT, deliveryMethod: 'queue' })).toMatchObject({
      patienceMs: 0,
      validationDeadlineMs: 48 * 60 * 60_000,
    });
    expect(pollLimitsOf(LETS_ENCRYPT)).toMatchObject({
      patienceMs: 60_000,
      validationDeadlineMs: 60 * 60_000,
    });
  });
});

describe('a description corrected by the CA’s directory', () => {
  test('takes what it says: CAA identities, external accounts, terms, renewal information, profiles', () => {
    const facts = {
      ...FACTS,
      caaIdentities: ['CA.example ', ''],
      requiresEab: true,
      termsOfService: 'https://ca.example/terms',
      hasRenewalInfo: true,
      profiles: ['short'],
    };
    expect(correctFromDirectory(LETS_ENCRYPT, facts)).toEqual({
      ...LETS_ENCRYPT,
      caaIdentities: ['ca.example'],
      requiresEab: true,
      termsOfServiceUrl: 'https://ca.example/terms',
      profiles: ['short'],
    });
  });
  test('keeps what the directory does not tell', () => {
    expect(correctFromDirectory(LETS_ENCRYPT, FACTS).caaIdentities).toEqual(LETS_ENCRYPT.caaIdentities);
  });
});
