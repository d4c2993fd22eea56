import { describe, expect, test } from '@jest/globals';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import type {
  Defect,
  DefectCode,
  DefectSeverity,
  Evaluation,
} from '../../../src/core/evaluation/evaluation.js';
import {
  isExpiryNear,
  type PlannedService,
  planService,
  type ServicePolicy,
} from '../../../src/core/plan/plan-services.js';
import { judgeRenewal } from '../../../src/core/renewal/judge.js';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-06-01T00:00:00Z');
const HOST = parseDomainName('server.example.com');
const POLICY: ServicePolicy = { hostname: HOST, followsHostname: true };

interface Case {
  readonly ownership?: 'ours' | 'foreign' | 'none';
  readonly daysLeft?: number;
  readonly lifeDays?: number;
  readonly defects?: readonly (DefectCode | readonly [DefectCode, DefectSeverity])[];
  readonly isMissing?: boolean;
}

function evaluationOf({ ownership = 'ours', daysLeft = 60, lifeDays = 90, ...given }: Case): Evaluation {
  const notAfter = new Date(NOW.getTime() + daysLeft * DAY_MS);
  const validity = { notAfter, notBefore: new Date(notAfter.getTime() - lifeDays * DAY_MS) };
  const defects = (given.defects ?? []).map((one): Defect => {
    const [code, severity] = typeof one === 'string' ? [one, 'defective' as const] : one;
    return { code, severity, citation: 'a test', message: `${code}.` };
  });
  const isAbsent = ownership === 'none';
  return {
    tlsStatus: 'ok',
    defects,
    ownership,
    renewal:
      ownership === 'none'
        ? null
        : judgeRenewal(validity, { daysToReplace: 29, ari: null, ownership, kind: 'hostname' }, NOW),
    securedNames: [],
    missingNames: isAbsent || given.isMissing ? [HOST] : [],
    notAfter: isAbsent ? null : notAfter,
    fingerprint: isAbsent ? null : 'f'.repeat(64),
    ariCertificateId: null,
  };
}

const plan = (given: Case, policy: Partial<ServicePolicy> = {}): PlannedService =>
  planService('exim', evaluationOf(given), { ...POLICY, ...policy });
const codes = ({ because }: PlannedService): readonly string[] => because.map(({ code }) => code);

describe('a service’s certificate is kept', () => {
  test.each([
    ['ours with 26 days left', {}, { daysLeft: 26 }],
    ['somebody else’s with 10 days left', {}, { ownership: 'foreign', daysLeft: 10 }],
    ['somebody else’s with 4 days left', {}, { ownership: 'foreign', daysLeft: 4 }],
    [
      'one of a private authority that this machine does not know',
      {},
      { ownership: 'foreign', defects: ['CHAIN_UNTRUSTED'] },
    ],
    ['somebody else’s whose chain is not whole', {}, { ownership: 'foreign', defects: ['CHAIN_INCOMPLETE'] }],
    ['somebody else’s with a small key', {}, { ownership: 'foreign', defects: ['RSA_KEY_TOO_SMALL'] }],
    ['one of another key type than wanted', {}, { defects: [['KEY_TYPE_DIFFERS', 'preference']] }],
    ['ours with what is only a warning', {}, { defects: [['CHAIN_INCOMPLETE', 'warning']] }],
    [
      'one for another name, where the setting is off',
      { followsHostname: false },
      { ownership: 'foreign', isMissing: true },
    ],
    [
      'one for another name, where the hostname is none to be certified',
      { hostname: null },
      { ownership: 'foreign', isMissing: true },
    ],
    ['ours of 6 days with 4 days left', {}, { lifeDays: 6, daysLeft: 4 }],
  ] as const)('when it is %s', (_, policy, given: Case) => {
    const planned = plan(given, policy);
    expect(planned).toMatchObject({ kind: 'keep', needsPlaceholder: false });
    expect(codes(planned)).toEqual(['VALID']);
  });
});

describe('a service’s certificate is replaced', () => {
  test.each([
    ['ours with 24 days left', ['RENEWAL_DUE'], { daysLeft: 24 }],
    ['ours with 3 days left', ['EMERGENCY'], { daysLeft: 3 }],
    ['somebody else’s with 2 days left', ['RENEWAL_DUE'], { ownership: 'foreign', daysLeft: 2 }],
    ['ours of 6 days with 2 days left', ['RENEWAL_DUE'], { lifeDays: 6, daysLeft: 2 }],
    ['somebody else’s and self-signed', ['SELF_SIGNED'], { ownership: 'foreign', defects: ['SELF_SIGNED'] }],
    [
      'signed with a weak algorithm',
      ['WEAK_SIGNATURE'],
      { ownership: 'foreign', defects: ['WEAK_SIGNATURE'] },
    ],
    [
      'without subject alternative names',
      ['NO_SUBJECT_ALT_NAME'],
      { ownership: 'foreign', defects: ['NO_SUBJECT_ALT_NAME'] },
    ],
    ['not for servers', ['NO_SERVER_AUTH'], { ownership: 'foreign', defects: ['NO_SERVER_AUTH'] }],
    ['for another name', ['HOSTNAME_MISMATCH'], { ownership: 'foreign', isMissing: true }],
    ['ours with a small key', ['RSA_KEY_TOO_SMALL'], { defects: ['RSA_KEY_TOO_SMALL'] }],
    [
      'not valid yet',
      ['CERTIFICATE_NOT_YET_VALID'],
      { ownership: 'foreign', defects: ['CERTIFICATE_NOT_YET_VALID'] },
    ],
  ] as const)('and no placeholder is needed when it is %s', (_, expected, given: Case) => {
    const planned = plan(given);
    expect(planned).toMatchObject({ kind: 'replace', needsPlaceholder: false });
    expect(codes(planned)).toEqual(expected);
  });

  test.each([
    ['absent', { ownership: 'none', defects: ['CERTIFICATE_ABSENT'] }],
    ['empty', { ownership: 'none', defects: ['CERTIFICATE_EMPTY'] }],
    ['unreadable', { ownership: 'none', defects: ['CERTIFICATE_UNREADABLE'] }],
    ['without its key', { ownership: 'foreign', defects: ['KEY_UNREADABLE'] }],
    ['with another key', { ownership: 'foreign', defects: ['KEY_MISMATCH'] }],
    ['ours and expired', { daysLeft: -1, defects: ['CERTIFICATE_EXPIRED'] }],
    ['expired, and bought', { ownership: 'foreign', daysLeft: -1, defects: ['CERTIFICATE_EXPIRED'] }],
  ] as const)('and a placeholder is needed until then when it is %s', (_, given: Case) => {
    const planned = plan(given);
    expect(planned).toMatchObject({ kind: 'replace', needsPlaceholder: true });
    expect(codes(planned)).toEqual(given.defects);
  });

  test('when it is known to be revoked', () => {
    expect(codes(plan({ ownership: 'foreign', defects: ['REVOKED'] }))).toEqual(['REVOKED']);
    const compromised = plan({ ownership: 'foreign', defects: ['REVOKED', 'KEY_COMPROMISED'] });
    expect(codes(compromised)).toEqual(['REVOKED', 'KEY_COMPROMISED']);
  });

  test('naming every reason', () => {
    const planned = plan({ daysLeft: -1, isMissing: true, defects: ['CERTIFICATE_EXPIRED', 'SELF_SIGNED'] });
    expect(codes(planned)).toEqual(['CERTIFICATE_EXPIRED', 'SELF_SIGNED', 'HOSTNAME_MISMATCH']);
    expect(planned.isSelfSigned).toBe(true);
  });
});

test('what is wrong and no reason to replace it is remarked', () => {
  const planned = plan(
    { ownership: 'foreign', isMissing: true, defects: ['CHAIN_UNTRUSTED', 'WEAK_SIGNATURE'] },
    { followsHostname: false },
  );
  expect(codes(planned)).toEqual(['WEAK_SIGNATURE']);
  expect(planned.remarks.map(({ code }) => code)).toEqual(['CHAIN_UNTRUSTED', 'HOSTNAME_MISMATCH']);
});

describe('an expiry is near', () => {
  test.each([
    ['14 days before the end of 90', 90, 14, true],
    ['15 days before the end of 90', 90, 15, false],
    ['14 days before the end of a year', 365, 14, true],
    ['a day before the end of 6', 6, 1, true],
    ['2 days before the end of 6', 6, 2, false],
    ['after the end', 90, -3, true],
  ])('%s', (_, lifeDays, daysLeft, expected) => {
    const notAfter = new Date(NOW.getTime() + daysLeft * DAY_MS);
    const notBefore = new Date(notAfter.getTime() - lifeDays * DAY_MS);
    expect(isExpiryNear({ notBefore, notAfter }, NOW)).toBe(expected);
  });
});
