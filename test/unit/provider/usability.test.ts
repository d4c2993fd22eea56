import { describe, expect, test } from '@jest/globals';
import { LETS_ENCRYPT } from '../../../src/core/provider/known/lets-encrypt.js';
import { LOCAL_CA } from '../../../src/core/provider/known/local-ca.js';
import { PROVIDERS } from '../../../src/core/provider/registry.js';
import { MOST_STARS, USABILITY_RULES, usabilityOf } from '../../../src/core/provider/usability.js';

/** Of a provider that earns no star but one for its method. */
const POOREST = {
  ...LETS_ENCRYPT,
  dcvMethods: ['http-01'] as const,
  maxNamesPerCertificate: 99,
  averageDeliveryTimeMs: 60_001,
  httpMaxRedirects: 1,
  certificatesPerRegisteredDomainPerWeek: 999,
  supportsWildcard: false,
};

describe('the usability score', () => {
  test.each([
    ['one method', {}, 1],
    ['two methods', { dcvMethods: ['http-01', 'dns-01'] as const }, 2],
    ['one method with ancestors', { supportsAncestorDcv: true }, 2],
    [
      'two methods with ancestors',
      { dcvMethods: ['http-01', 'dns-01'] as const, supportsAncestorDcv: true },
      4,
    ],
    ['100 names', { maxNamesPerCertificate: 100 }, 2],
    ['no limit of names', { maxNamesPerCertificate: null }, 2],
    ['delivery within a minute', { averageDeliveryTimeMs: 60_000 }, 2],
    ['delivery in nobody knows what time', { averageDeliveryTimeMs: null }, 1],
    ['two redirects', { httpMaxRedirects: 2 }, 2],
    ['1000 certificates a week', { certificatesPerRegisteredDomainPerWeek: 1000 }, 2],
    ['no rate limit known', { certificatesPerRegisteredDomainPerWeek: null }, 2],
    ['wildcards', { supportsWildcard: true }, 2],
  ])('%s', (_, facts, stars) => {
    expect(usabilityOf({ ...POOREST, ...facts }).stars).toBe(stars);
  });

  test('the worked example of the documentation: four for methods, one for names, one for no rate limit', () => {
    const comodo = {
      ...POOREST,
      dcvMethods: ['http-01', 'dns-01'] as const,
      supportsAncestorDcv: true,
      maxNamesPerCertificate: 1000,
      averageDeliveryTimeMs: 120_000,
      httpMaxRedirects: 0,
      certificatesPerRegisteredDomainPerWeek: null,
    };
    expect(usabilityOf(comodo)).toEqual({
      stars: 6,
      parts: { methods: 4, names: 1, delivery: 0, redirects: 0, rate: 1, wildcard: 0 },
    });
  });

  test('the best of all has every star, and no rule goes without its line', () => {
    const best = {
      ...LETS_ENCRYPT,
      supportsAncestorDcv: true,
      certificatesPerRegisteredDomainPerWeek: null,
    };
    expect(usabilityOf(best).stars).toBe(MOST_STARS);
    expect(USABILITY_RULES).toHaveLength(Object.keys(usabilityOf(LOCAL_CA).parts).length);
  });

  test('of those built in', () => {
    expect(Object.fromEntries(PROVIDERS.map((one) => [one.name, usabilityOf(one).stars]))).toEqual({
      LetsEncrypt: 6,
      LetsEncryptStaging: 7,
      GoogleTrustServices: 6,
      ZeroSSL: 6,
      Sectigo: 5,
      SSLcom: 4,
      Actalis: 4,
      DigiCert: 6,
      CustomACME: 6,
      LocalCA: 5,
    });
  });
});
