import { describe, expect, test } from '@jest/globals';
import type { Defect, Evaluation } from '../../../src/core/evaluation/evaluation.js';
import { mayReplace } from '../../../src/core/evaluation/may-replace.js';

const dueAt = new Date('2026-07-27T00:00:00Z');
const before = new Date('2026-07-26T23:59:59Z');
const renewal = {
  dueAt,
  basis: 'foreign-margin',
  isDue: false,
  emergencyAt: dueAt,
  isEmergency: false,
  deferralEndsAt: dueAt,
  isDeferrable: true,
} as const;
const defect = (code: Defect['code']): Defect => ({
  code,
  severity: 'defective',
  citation: 'RFC',
  message: 'x',
});
const healthy = { ownership: 'foreign', defects: [], tlsStatus: 'ok', renewal } as const;
const lacking = { ...healthy, tlsStatus: 'incomplete' } as const;
const expired = { ...healthy, tlsStatus: 'defective', defects: [defect('CERTIFICATE_EXPIRED')] } as const;
const selfSigned = { ...healthy, tlsStatus: 'defective', defects: [defect('SELF_SIGNED')] } as const;
const absent = { ...healthy, ownership: 'none', tlsStatus: 'defective', renewal: null } as const;
const own = { ...healthy, ownership: 'ours' } as const;

describe('whether a certificate may be replaced', () => {
  test.each<
    [
      string,
      Pick<Evaluation, 'ownership' | 'defects' | 'tlsStatus' | 'renewal'>,
      boolean,
      Date,
      boolean,
      string,
    ]
  >([
    ['ours', own, false, before, true, 'OURS'],
    ['none at all', absent, false, before, true, 'NOTHING_USABLE'],
    ['self-signed', selfSigned, false, before, true, 'FOREIGN_SELF_SIGNED'],
    ['foreign and healthy', healthy, false, before, false, 'FOREIGN'],
    ['foreign and expired', expired, false, dueAt, false, 'FOREIGN'],
    ['foreign and healthy, clobber on', healthy, true, before, false, 'FOREIGN_HEALTHY'],
    ['foreign and lacking names, clobber on', lacking, true, before, false, 'FOREIGN_HEALTHY'],
    ['foreign and expired, clobber on', expired, true, before, true, 'CLOBBER_INVALID'],
    ['foreign inside its margin, clobber on', healthy, true, dueAt, true, 'CLOBBER_EXPIRING'],
    ['foreign inside its margin, clobber off', healthy, false, dueAt, false, 'FOREIGN'],
  ])('%s', (_, evaluation, clobber, now, allowed, code) => {
    const right = mayReplace(evaluation, clobber, now);
    expect(right).toEqual({ allowed, because: { code, message: expect.stringMatching(/^[A-Z].*\.$/) } });
  });

  test('the refusal says until when', () => {
    expect(mayReplace(healthy, true, before).because.message).toContain('2026-07-27T00:00:00.000Z');
  });
});
