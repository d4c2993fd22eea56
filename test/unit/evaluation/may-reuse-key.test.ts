import { describe, expect, test } from '@jest/globals';
import type { DefectCode, Ownership } from '../../../src/core/evaluation/evaluation.js';
import { mayReuseKey } from '../../../src/core/evaluation/may-reuse-key.js';
import { judgeRenewal } from '../../../src/core/renewal/judge.js';
import type { StoredRenewalInfo } from '../../../src/core/renewal/verdict.js';

describe('whether the next certificate keeps the present key', () => {
  test.each<[string, boolean, Ownership, DefectCode[]]>([
    ['nothing is wrong', true, 'ours', []],
    ['the certificate is self-signed', true, 'foreign', ['SELF_SIGNED']],
    ['it is expired and lacks names', true, 'ours', ['CERTIFICATE_EXPIRED', 'NAMES_MISSING']],
    ['there is no certificate', false, 'none', ['CERTIFICATE_ABSENT']],
    ['the key is another type than wanted', false, 'ours', ['KEY_TYPE_DIFFERS']],
    ['the key belongs to another certificate', false, 'ours', ['KEY_MISMATCH']],
    ['the key cannot be read', false, 'ours', ['KEY_UNREADABLE']],
    ['it is revoked, for whatever reason', false, 'ours', ['REVOKED']],
    ['it is revoked because its key is compromised', false, 'ours', ['REVOKED', 'KEY_COMPROMISED']],
    ['the key is too small', false, 'foreign', ['SELF_SIGNED', 'RSA_KEY_TOO_SMALL']],
    ['its exponent is weak', false, 'ours', ['RSA_EXPONENT_WEAK']],
    ['its curve is too small', false, 'ours', ['CURVE_TOO_SMALL']],
    ['no browser takes keys of its kind', false, 'ours', ['KEY_TYPE_UNSUPPORTED']],
  ])('%s: %s', (_, isKept, ownership, codes) => {
    const defects = codes.map((code) => ({
      code,
      severity: 'defective' as const,
      citation: 'RFC',
      message: 'x',
    }));
    expect(mayReuseKey({ ownership, defects, renewal: null })).toBe(isKept);
  });

  const HOUR_MS = 3_600_000;
  const NOW = new Date('2026-06-01T00:00:00Z');
  const at = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR_MS);
  const ari = (seen: number, ends: number) => ({
    ...{ selectedAt: at(ends - 1), windowStartAt: at(ends - 2), windowEndAt: at(ends) },
    ...{ firstSeenAt: at(seen), explanationUrl: null },
  });

  test.each<[string, boolean, number, StoredRenewalInfo | null]>([
    ['its renewal is due in its own time', true, 25 * 24, null],
    ['its CA named the instant long ago', true, 25 * 24, ari(-500, 10)],
    ['its CA calls it back', false, 60 * 24, ari(-1, -3)],
    ['its CA moved the window forward', false, 60 * 24, { ...ari(-1, 5), isBroughtForward: true }],
    ['it is about to expire', false, 24, null],
  ])('%s: %s', (_, isKept, hoursLeft, info) => {
    const validity = { notBefore: at(hoursLeft - 90 * 24), notAfter: at(hoursLeft) };
    const policy = { daysToReplace: 29, ari: info, ownership: 'ours', kind: 'website' } as const;
    const renewal = judgeRenewal(validity, policy, NOW);
    expect(mayReuseKey({ ownership: 'ours', defects: [], renewal })).toBe(isKept);
  });
});
