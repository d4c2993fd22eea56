import { describe, expect, test } from '@jest/globals';
import type { DefectCode, Ownership } from '../../../src/core/evaluation/evaluation.js';
import { mayReuseKey } from '../../../src/core/evaluation/may-reuse-key.js';

describe('whether the next certificate keeps the present key', () => {
  test.each<[string, boolean, Ownership, DefectCode[]]>([
    ['nothing is wrong', true, 'ours', []],
    ['the certificate is self-signed', true, 'foreign', ['SELF_SIGNED']],
    ['it is expired and lacks names', true, 'ours', ['CERTIFICATE_EXPIRED', 'NAMES_MISSING']],
    ['there is no certificate', false, 'none', ['CERTIFICATE_ABSENT']],
    ['the key is another type than wanted', false, 'ours', ['KEY_TYPE_DIFFERS']],
    ['the key belongs to another certificate', false, 'ours', ['KEY_MISMATCH']],
    ['the key cannot be read', false, 'ours', ['KEY_UNREADABLE']],
    ['it is revoked for another reason than its key', true, 'ours', ['REVOKED']],
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
    expect(mayReuseKey({ ownership, defects })).toBe(isKept);
  });
});
