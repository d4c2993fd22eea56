import { describe, expect, test } from '@jest/globals';
import { PLACEHOLDER_ORGANIZATION } from '../../../src/core/certificate/placeholder.js';
import type { StatusCondition } from '../../../src/core/report/status/status-condition.js';
import {
  type KnownProblem,
  unreadableStatus,
  websiteStatus,
} from '../../../src/core/report/status/website-status.js';
import { aWebsite } from '../../support/fake-host.js';
import { aCertificate, aKey, keyPemOf, PKI_NOW } from '../../support/pki.js';
import { aPlace, type StatusCase, statusInput } from '../../support/status-input.js';

const judge = (wish: StatusCase) => websiteStatus(statusInput(wish), PKI_NOW);
const problem = (fault: KnownProblem['fault']): KnownProblem => ({
  domain: 'example.com',
  code: 'X',
  message: 'it failed',
  advice: null,
  fault,
  at: '2026-05-31T00:00:00.000Z',
});
const placeholder = {
  issuer: 'self',
  subject: { '2.5.4.3': 'example.com', '2.5.4.10': PLACEHOLDER_ORGANIZATION },
} as const;
const OLD = 'a'.repeat(64);
const notServed = { state: 'not-served', code: 'PREVIOUS_CERTIFICATE', places: [aPlace(OLD)] } as const;

describe('the conditions of a website', () => {
  test.each<[string, StatusCase, readonly StatusCondition[]]>([
    ['a healthy certificate of ours', {}, ['ok']],
    ['renewal is due, days before anything is late', { daysLeft: 20 }, ['ok']],
    ['5 of 90 days left', { daysLeft: 5 }, ['ok']],
    ['the last twentieth of its life', { daysLeft: 4.4 }, ['expiring']],
    ['hours left', { daysLeft: 0.1 }, ['expiring']],
    ['the last instant of its life', { daysLeft: 0 }, ['expiring']],
    ['expired minutes ago', { daysLeft: -0.01 }, ['expired', 'failing']],
    ['expired a week ago', { daysLeft: -7 }, ['expired', 'failing']],
    ['a name is missing', { certificate: { names: ['example.com'] } }, ['incomplete']],
    ['no certificate', { certificate: null }, ['failing']],
    ['an empty file', { certificate: '' }, ['failing']],
    ['self-signed', { certificate: { issuer: 'self' }, isOurs: false }, ['failing']],
    ['a placeholder', { certificate: placeholder, isOurs: false }, ['failing']],
    ['another key', { certificate: keyPemOf(aKey()) + aCertificate().chainPem }, ['failing']],
    ['somebody else’s, healthy', { isOurs: false }, ['ok', 'foreign']],
    ['somebody else’s, 4 days left', { isOurs: false, daysLeft: 4 }, ['ok', 'foreign']],
    ['somebody else’s, 2 days left', { isOurs: false, daysLeft: 2 }, ['expiring', 'foreign']],
    ['somebody else’s, expired', { isOurs: false, daysLeft: -1 }, ['expired', 'failing', 'foreign']],
    [
      'somebody else’s, expired, to be replaced',
      { isOurs: false, daysLeft: -1, clobber: true },
      ['expired', 'failing'],
    ],
    ['served', { served: {} }, ['ok']],
    ['nobody could be asked', { served: { state: 'unknown' } }, ['ok']],
    ['another certificate is served', { served: notServed }, ['failing', 'not-served']],
    [
      'an expired certificate of ours is still served',
      { served: notServed, former: [{ fingerprint: OLD, notAfter: '2026-05-31T23:59:59Z' }] },
      ['expired', 'failing', 'not-served'],
    ],
    [
      'a former certificate of ours, still valid, is served',
      { served: notServed, former: [{ fingerprint: OLD, notAfter: '2026-06-02T00:00:00Z' }] },
      ['failing', 'not-served'],
    ],
    ['not served, but that was another certificate', { served: { ...notServed, expected: OLD } }, ['ok']],
    ['an order pends', { order: { phase: 'placed', pollAt: null } }, ['ok', 'pending']],
    ['a problem that its owner must mend', { problems: [problem('owner')] }, ['ok']],
    ['a problem on this side', { problems: [problem('ours')] }, ['failing']],
    ['a problem of a former version', { problems: [problem(null)] }, ['ok']],
  ])('%s', (_, wish, conditions) => {
    expect(judge(wish).conditions).toEqual(conditions);
  });

  test('a website that wants no name and has no certificate fails nobody', () => {
    const input = statusInput({ certificate: null });
    const website = { ...input.website, candidates: [], excluded: input.evaluation.missingNames };
    expect(websiteStatus({ ...input, website }, PKI_NOW).conditions).toEqual([]);
  });
});

describe('what is next', () => {
  const in31Days = '2026-07-02T00:00:00.000Z';
  test.each<[string, StatusCase, string, string | null]>([
    ['no certificate', { certificate: null }, 'order', null],
    ['expired', { daysLeft: -7 }, 'replace', null],
    ['a placeholder', { certificate: placeholder, isOurs: false }, 'replace', null],
    ['a healthy certificate', {}, 'renew', in31Days],
    ['renewal is due', { daysLeft: 20 }, 'renew', null],
    ['somebody else’s', { isOurs: false }, 'none', null],
    [
      'somebody else’s, to be replaced in its last days',
      { isOurs: false, clobber: true },
      'renew',
      '2026-07-28T00:00:00.000Z',
    ],
    [
      'an order pends',
      { certificate: null, order: { phase: 'placed', pollAt: '2026-06-01T00:05:00.000Z' } },
      'await-order',
      '2026-06-01T00:05:00.000Z',
    ],
    [
      'a certificate is here and not in place',
      { certificate: null, order: { phase: 'downloaded', pollAt: null } },
      'install',
      null,
    ],
  ])('%s', (_, wish, action, at) => {
    expect(judge(wish).next).toEqual({ action, at });
  });
});

describe('the three of wanted, issued and served', () => {
  test('stand side by side, with everything that was seen', () => {
    const status = judge({ certificate: { names: ['example.com', 'other.example'] }, served: notServed });
    expect(status).toMatchObject({
      wanted: ['example.com', 'www.example.com'],
      tls: 'incomplete',
      ownership: 'ours',
      placeholder: false,
      daysLeft: 60,
      issued: {
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        names: ['example.com', 'other.example'],
        missing: ['www.example.com'],
        issuerName: 'Test Authority',
        keyType: 'ecdsa-prime256v1',
        isSelfSigned: false,
      },
      served: {
        state: 'not-served',
        expected: status.issued?.fingerprint,
        at: '2026-05-31T23:00:00.000Z',
        code: 'PREVIOUS_CERTIFICATE',
        places: [{ address: '127.0.0.1', port: 443, fingerprint: OLD, names: ['old.example'] }],
      },
    });
  });

  test('what was seen of a former certificate is kept, but says nothing of this one', () => {
    const { served } = judge({ served: { ...notServed, expected: OLD } });
    expect(served).toMatchObject({ state: 'not-asked', expected: OLD, code: 'PREVIOUS_CERTIFICATE' });
  });

  test('a website that was never asked for', () => {
    expect(judge({}).served).toMatchObject({ state: 'not-asked', expected: null, at: null, places: [] });
  });

  test('a placeholder is ours and no certificate', () => {
    expect(judge({ certificate: placeholder, isOurs: false })).toMatchObject({
      placeholder: true,
      ownership: 'ours',
      tls: 'defective',
    });
  });

  test('names that would steer a terminal are written out', () => {
    const names = ['example.com', 'evil\u001b[31m\u009b.test'];
    const { issued } = judge({ certificate: { names, subject: {} } });
    expect(JSON.stringify(issued)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

test('a website whose records cannot be read is failing, and says why', () => {
  const fault = { code: 'CORRUPT_RECORD', message: 'it is not JSON', advice: 'Restore it.' };
  const status = unreadableStatus(aWebsite(['a.test']), '/combined', [problem('owner')], fault);
  expect(status).toMatchObject({ tls: 'unknown', fault, conditions: ['failing'], next: { action: 'none' } });
  expect(status.problems).toHaveLength(1);
});
