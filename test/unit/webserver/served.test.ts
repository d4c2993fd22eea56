import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isBroken, judgeServed, type TlsObservation } from '../../../src/core/plan/served/served.js';

const EXPECTED = 'e'.repeat(64);
const PREVIOUS = 'b'.repeat(64);
const OTHER = 'c'.repeat(64);

function seen(fingerprint: string | null, error: string | null = null, names: readonly string[] = []) {
  const observation: TlsObservation = {
    fingerprint,
    chain: fingerprint === null ? [] : [fingerprint],
    names,
    protocol: fingerprint === null ? null : 'TLSv1.3',
    error,
  };
  return { name: 'a.test', address: '192.0.2.1', port: 443, observation };
}

const facts = {
  expected: EXPECTED,
  previous: PREVIOUS,
  combinedFile: '/tls/a.test/combined',
  websiteOf: () => undefined,
  hasSite: true,
};

describe('a published certificate', () => {
  test('is served when every place shows it', () => {
    expect(judgeServed(facts, [seen(EXPECTED), seen(EXPECTED)])).toEqual({ served: true });
  });

  test.each<[string, Partial<typeof facts> | object, ReturnType<typeof seen>[], string, string]>([
    [
      'is not served when nobody could be asked',
      {},
      [],
      'NO_TLS_SITE',
      'no site of the web server has this name with TLS',
    ],
    [
      'is not served where the previous one still answers',
      {},
      [seen(EXPECTED), seen(PREVIOUS)],
      'PREVIOUS_CERTIFICATE',
      '192.0.2.1:443 still serves the previous certificate',
    ],
    [
      'is not served where a stranger’s answers',
      {},
      [seen(OTHER, null, ['x.test', 'y.test', 'z.test', 'w.test'])],
      'OTHER_CERTIFICATE',
      '192.0.2.1:443 serves another certificate, for x.test, y.test, z.test and 1 more',
    ],
    [
      'is not served where another website’s answers',
      { websiteOf: () => 'shop.test' },
      [seen(OTHER, null, ['shop.test'])],
      'OTHER_WEBSITES_CERTIFICATE',
      '192.0.2.1:443 serves the certificate of shop.test',
    ],
    [
      'is not served where only the default site answers',
      { hasSite: false },
      [seen(OTHER, null, ['default.test'])],
      'OTHER_CERTIFICATE',
      'no site has this name with TLS; the default site at 192.0.2.1:443 answers with another certificate, for default.test',
    ],
    [
      'is not served where nothing listens',
      {},
      [seen(null, 'ECONNREFUSED')],
      'CONNECTION_REFUSED',
      'nothing listens on 192.0.2.1:443',
    ],
    [
      'is not served where packets vanish',
      {},
      [seen(null, 'ETIMEDOUT')],
      'NO_ANSWER',
      '192.0.2.1:443 does not answer',
    ],
    [
      'is not served where plain HTTP answers',
      {},
      [seen(null, 'ERR_SSL_WRONG_VERSION_NUMBER')],
      'NO_TLS',
      '192.0.2.1:443 does not speak TLS',
    ],
    [
      'is not served where the name is refused',
      {},
      [seen(null, 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME')],
      'NAME_REJECTED',
      '192.0.2.1:443 refuses the name a.test',
    ],
    [
      'is not served where the handshake fails otherwise',
      {},
      [seen(null, 'ECONNRESET')],
      'HANDSHAKE_FAILED',
      'the TLS handshake with 192.0.2.1:443 fails: the connection was broken off',
    ],
  ])('%s', (_, more, observations, code, message) => {
    const verdict = judgeServed({ ...facts, ...more }, observations);
    expect(verdict).toMatchObject({ served: false, code, message });
    if (!verdict.served) expect(verdict.advice).toMatch(/^[A-Z].*\.$/);
  });

  test('is named with brackets at an IPv6 address', () => {
    const verdict = judgeServed(facts, [{ ...seen(null, 'ECONNREFUSED'), address: '::1' }]);
    expect(verdict).toMatchObject({ message: 'nothing listens on [::1]:443' });
  });

  test('is served exactly when each of one or more observations shows it, and no message carries control characters', () => {
    const fingerprint = fc.constantFrom(EXPECTED, PREVIOUS, OTHER, null);
    const observation = fc
      .tuple(fingerprint, fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'binary' })))
      .map(([print, error, names]) => seen(print, error, names));
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 4 }), (observations) => {
        const verdict = judgeServed(facts, observations);
        const isServed =
          observations.length > 0 && observations.every((one) => one.observation.fingerprint === EXPECTED);
        expect(verdict.served).toBe(isServed);
        if (!verdict.served) expect(verdict.message + verdict.advice).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

test.each([
  ['a handshake that fails now and worked before is broken', EXPECTED, null, true],
  ['another certificate is not broken', PREVIOUS, OTHER, false],
  ['what failed before is not broken by failing', null, null, false],
  ['what begins to work is not broken', null, EXPECTED, false],
])('%s', (_, before, after, expected) => {
  expect(isBroken(seen(before).observation, seen(after).observation)).toBe(expected);
});

describe('of one of the server’s own services', () => {
  const service = { ...facts, combinedFile: '/var/cpanel/ssl/exim/combined', isService: true };
  test.each<[string, ReturnType<typeof seen>[], RegExp, RegExp]>([
    [
      'that listens nowhere',
      [],
      /the service listens nowhere with TLS/,
      /name the certificate and key in \/var\/cpanel\/ssl\/exim\./,
    ],
    ['that does not run', [seen(null, 'ECONNREFUSED')], /nothing listens/, /Start the service/],
    ['that was not told', [seen(PREVIOUS)], /previous certificate/, /Restart the service/],
    [
      'that names another file',
      [seen(OTHER, null, ['x.test'])],
      /another certificate, for x.test/,
      /in \/var\/cpanel\/ssl\/exim\./,
    ],
    ['that breaks off', [seen(null, 'ECONNRESET')], /handshake .* fails/, /error log of the service/],
  ])('%s: no web server and no website is spoken of', (_case, observations, message, advice) => {
    const verdict = judgeServed(service, observations);
    expect(verdict).toMatchObject({
      served: false,
      message: expect.stringMatching(message),
      advice: expect.stringMatching(advice),
    });
    expect(JSON.stringify(verdict)).not.toMatch(/web server|website|site of/);
  });
});
