import { describe, expect, test } from '@jest/globals';
import {
  type CaStanding,
  homeOf,
  leavesAt,
  patienceFor,
  type Urgency,
  unfitFallback,
} from '../../../src/core/provider/failover.js';
import { PROVIDERS } from '../../../src/core/provider/registry.js';

const NOW = new Date('2026-11-22T03:00:00Z');
const HOUR_MS = 3_600_000;
const inHours = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR_MS);

describe('how long a website waits for its own CA', () => {
  test.each<[string, Urgency, number]>([
    ['without a certificate: as the setting says', { isNew: true, isEmergency: false, notAfter: null }, 1],
    ['with a broken one: the same', { isNew: true, isEmergency: false, notAfter: inHours(900) }, 1],
    ['in an emergency: not at all', { isNew: false, isEmergency: true, notAfter: inHours(100) }, 0],
    ['with a month left: a day', { isNew: false, isEmergency: false, notAfter: inHours(720) }, 24],
    [
      'with 80 of 160 hours left: a tenth of them',
      { isNew: false, isEmergency: false, notAfter: inHours(80) },
      8,
    ],
    [
      'with next to nothing left: as the setting says',
      { isNew: false, isEmergency: false, notAfter: inHours(2) },
      1,
    ],
  ])('%s', (_, urgency, hours) => {
    expect(patienceFor(urgency, HOUR_MS, NOW)).toBe(hours * HOUR_MS);
  });
});

describe('when it goes to another', () => {
  test.each<[string, CaStanding, number, Date | null]>([
    ['never from one that is open', { state: 'open' }, 0, null],
    ['from one that is down, after its patience', { state: 'down', since: inHours(-1) }, 3, inHours(2)],
    ['at once in an emergency', { state: 'down', since: NOW }, 0, NOW],
    ['not before now for a clock that stepped back', { state: 'down', since: inHours(50) }, 1, inHours(1)],
    ['at once from one that is limited for longer', { state: 'held', until: inHours(2) }, 1, NOW],
    ['never from one that is limited for less', { state: 'held', until: inHours(1) }, 1, null],
  ])('%s', (_, standing, hours, expected) => {
    expect(leavesAt(standing, hours * HOUR_MS, NOW)).toEqual(expected);
  });
});

describe('whose turn it is', () => {
  const list = ['A', 'B', 'C'];
  test.each<[string, Parameters<typeof homeOf>[0], string]>([
    ['a new website’s: the first’s', null, 'A'],
    ['a renewal’s: that of its CA', { provider: 'B' }, 'B'],
    ['of one that was ordered elsewhere: its own CA’s again', { provider: 'B', insteadOf: 'A' }, 'A'],
    ['of one whose own CA left the list since: that of whom it has', { provider: 'B', insteadOf: 'X' }, 'B'],
    ['of one whose CA left the list: the first’s', { provider: 'X', insteadOf: null }, 'A'],
  ])('%s', (_, newest, expected) => {
    expect(homeOf(newest, list)).toBe(expected);
  });
  test('nobody’s where there is none', () => {
    expect(homeOf({ provider: 'A' }, [])).toBeNull();
  });
});

describe('who may stand in for whom', () => {
  const named = (name: string) => {
    const found = PROVIDERS.find((one) => one.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };
  test.each([
    ['ZeroSSL', 'LetsEncrypt', null],
    ['LetsEncrypt', 'LetsEncrypt', 'IS_PRIMARY'],
    ['LetsEncryptStaging', 'LetsEncrypt', 'UNTRUSTED'],
    ['LocalCA', 'LetsEncrypt', 'UNTRUSTED'],
    ['LocalCA', 'LetsEncryptStaging', null],
    ['LetsEncrypt', 'LetsEncryptStaging', null],
  ])('%s for %s: %s', (fallback, primary, expected) => {
    expect(unfitFallback(named(fallback), named(primary))).toBe(expected);
  });

  test.each([
    ['Let’s Encrypt’s staging', 'https://acme-staging-v02.api.letsencrypt.org/directory', 'UNTRUSTED'],
    ['another staging', 'https://staging.ca.example/acme', 'UNTRUSTED'],
    ['Google’s', 'https://dv.acme-v02.test-api.pki.goog/directory', 'UNTRUSTED'],
    ['a CA called so', 'https://acme.stagings.example/directory', null],
    ['a path called so', 'https://ca.example/staging/directory', null],
  ])('CustomACME by its directory: %s', (_, directoryUrl, expected) => {
    const custom = { ...named('CustomACME'), directoryUrl };
    expect(unfitFallback(custom, named('LetsEncrypt'))).toBe(expected);
    expect(unfitFallback(named('LetsEncryptStaging'), custom)).toBe(expected === null ? 'UNTRUSTED' : null);
  });
});
