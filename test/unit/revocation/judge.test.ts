import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CertificateFacts } from '../../../src/core/certificate/facts.js';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { openRevocationList } from '../../../src/core/certificate/revocation/revocation-list-signature.js';
import { judgeRevocations } from '../../../src/core/revocation/judge.js';
import type { ListVerdict } from '../../../src/core/revocation/verdict.js';
import { bits, integer, octets, sequence } from '../../support/der-writer.js';
import {
  aCertificate,
  anIntermediate,
  aRoot,
  extension,
  PKI_NOW,
  type TestKeyType,
} from '../../support/pki.js';
import { aList, type ListLine, type ListOptions, type ListScope } from '../../support/revocation-lists.js';

const URL_OF_LIST = 'http://crl.test/7.crl';
const issuer = anIntermediate();
const issuerFacts = readCertificate(issuer.der);
const leaf = readCertificate(aCertificate().der);
const hours = (count: number): Date => new Date(PKI_NOW.getTime() + count * 3_600_000);
const days = (count: number): Date => hours(24 * count);

async function judge(
  der: Uint8Array,
  over: { readonly issuer?: CertificateFacts; readonly url?: string; readonly serial?: string } = {},
): Promise<ListVerdict> {
  const opened = await openRevocationList(der, over.issuer ?? issuerFacts, false);
  const serials = new Set([over.serial ?? leaf.serial]);
  return judgeRevocations(opened, { serials, url: over.url ?? URL_OF_LIST, now: PKI_NOW });
}

/** `good`, `revoked REASON`, or the fault. */
async function told(der: Uint8Array, over: Parameters<typeof judge>[1] = {}): Promise<string> {
  const verdict = await judge(der, over);
  if (verdict.status === 'unknown') return verdict.fault.code;
  const found = verdict.revoked.get(over.serial ?? leaf.serial);
  return found === undefined ? 'good' : `revoked ${found.reason}`;
}
const listWith = (options: Partial<ListOptions>): Buffer => aList({ issuer, ...options });
const line = (over: Partial<ListLine> = {}): ListLine => ({ serial: leaf.serial, ...over });

describe('what a list says of a certificate', () => {
  const others = ['4a4a', '00ff', `${leaf.serial}00`, leaf.serial.slice(2)].map((serial) => ({ serial }));

  test.each<[string, string, Partial<ListOptions>]>([
    ['a list without lines', 'good', {}],
    ['other certificates are revoked', 'good', { lines: others }],
    ['it is revoked among others', 'revoked superseded', { lines: [...others, line({ reason: 4 })] }],
    ['no reason is given', 'revoked unspecified', { lines: [line()] }],
    ['the key is compromised', 'revoked keyCompromise', { lines: [line({ reason: 1 })] }],
    ['it is on hold', 'revoked certificateHold', { lines: [line({ reason: 6 })] }],
    ['an unknown reason', 'revoked unspecified', { lines: [line({ reason: 99 })] }],
    ['a reason that is not used', 'revoked unspecified', { lines: [line({ reason: 7 })] }],
    [
      'a harmless extension beside the reason',
      'revoked keyCompromise',
      { lines: [line({ reason: 1, extensions: [extension('2.5.29.24', false, octets(Buffer.of(0)))] })] },
    ],
    ['made within the last hours, by a clock ahead of ours', 'good', { thisUpdate: hours(0.5) }],
    ['made in the future', 'NOT_YET_VALID', { thisUpdate: hours(2) }],
    [
      'expired, though it names the certificate',
      'EXPIRED',
      { thisUpdate: days(-9), nextUpdate: hours(-1), lines: [line()] },
    ],
    ['without an end', 'WITHOUT_END', { nextUpdate: null }],
    ['its signature is spoilt', 'BAD_SIGNATURE', { badSignature: true, lines: [line()] }],
    ['of another issuer', 'OF_ANOTHER_ISSUER', { issuer: aRoot(), lines: [line()] }],
    [
      'of an issuer of the same name with another key',
      'BAD_SIGNATURE',
      { issuer: anIntermediate({ name: 'Test Intermediate', keyType: 'ecdsa-prime256v1' }), lines: [line()] },
    ],
    [
      'changes to another list',
      'DELTA',
      { extensions: [extension('2.5.29.27', true, integer(3))], lines: [line()] },
    ],
    [
      'an unknown critical extension',
      'UNKNOWN_EXTENSION',
      { extensions: [extension('1.2.3.4', true, octets(Buffer.of(1)))], lines: [line()] },
    ],
    [
      'an unknown extension that is not critical',
      'revoked unspecified',
      { extensions: [extension('1.2.3.4', false, octets(Buffer.of(1)))], lines: [line()] },
    ],
    [
      'a critical extension of another’s line',
      'MALFORMED',
      { lines: [{ serial: '01', extensions: [extension('2.5.29.29', true, sequence())] }, line()] },
    ],
  ])('%s: %s', async (_, expected, options) => {
    expect(await told(listWith(options))).toBe(expected);
  });

  test.each<[string, string, ListScope]>([
    ['the shard that the certificate names', 'revoked unspecified', { url: URL_OF_LIST, onlyUsers: true }],
    ['another shard of the same issuer', 'OTHER_SCOPE', { url: 'http://crl.test/8.crl', onlyUsers: true }],
    ['the same address in other letters', 'OTHER_SCOPE', { url: 'http://CRL.test/7.crl' }],
    ['users’ certificates', 'revoked unspecified', { onlyUsers: true }],
    ['authorities’ certificates', 'OTHER_SCOPE', { url: URL_OF_LIST, onlyCas: true }],
    ['attribute certificates', 'OTHER_SCOPE', { onlyAttributes: true }],
    ['some reasons', 'OTHER_SCOPE', { url: URL_OF_LIST, onlySomeReasons: true }],
    ['several issuers', 'INDIRECT', { url: URL_OF_LIST, isIndirect: true }],
  ])('it speaks of %s: %s', async (_, expected, scope) => {
    expect(await told(listWith({ scope, lines: [line()] }))).toBe(expected);
  });

  test('it speaks of points named relative to the issuer', async () => {
    const relative = extension('2.5.29.28', true, sequence(Buffer.from('a002a100', 'hex')));
    expect(await told(listWith({ extensions: [relative], lines: [line()] }))).toBe('OTHER_SCOPE');
  });

  test.each<TestKeyType>(['ecdsa-prime256v1', 'ecdsa-secp384r1', 'rsa-2048'])(
    'signed by %s',
    async (type) => {
      const ca = anIntermediate({ name: `By ${type}`, keyType: type });
      const facts = readCertificate(ca.der);
      const lines = [{ serial: '0102', reason: 1 }];
      const say = (over: Partial<ListOptions>) =>
        told(aList({ issuer: ca, lines, hash: 'sha384', ...over }), { issuer: facts, serial: '0102' });
      expect(await say({})).toBe('revoked keyCompromise');
      expect(await say({ badSignature: true })).toBe('BAD_SIGNATURE');
    },
  );

  test('an issuer that may sign certificates only', async () => {
    const keyUsage = extension('2.5.29.15', true, bits(Buffer.of(0x04), 2));
    const ca = anIntermediate({ name: 'No lists', isCa: false, extraExtensions: [keyUsage] });
    const list = aList({ issuer: ca, lines: [line()] });
    expect(await told(list, { issuer: readCertificate(ca.der) })).toBe('ISSUER_MAY_NOT_SIGN');
  });

  test('when it was revoked, and how long the list holds', async () => {
    const revokedAt = new Date('2026-05-29T01:02:03Z');
    expect(await judge(listWith({ lines: [line({ revokedAt, reason: 1 })] }))).toEqual({
      status: 'known',
      revoked: new Map([[leaf.serial, { revokedAt, reason: 'keyCompromise' }]]),
      thisUpdate: days(-1),
      nextUpdate: days(6),
    });
  });

  test('a large list keeps nothing but what was asked for', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => ({
      serial: `10${index.toString(16).padStart(30, '0')}`,
      reason: index % 2 === 0 ? 1 : 4,
    }));
    const verdict = await judge(listWith({ lines: [...lines, line({ reason: 1 })] }));
    expect(verdict.status === 'known' && [...verdict.revoked.keys()]).toEqual([leaf.serial]);
  });

  test('bytes that were verified before are not verified again', async () => {
    const list = listWith({ badSignature: true, lines: [line()] });
    const opened = await openRevocationList(list, issuerFacts, true);
    const verdict = judgeRevocations(opened, {
      serials: new Set([leaf.serial]),
      url: URL_OF_LIST,
      now: PKI_NOW,
    });
    expect(verdict.status).toBe('known');
  });
});

describe('whatever comes instead of a list', () => {
  const genuine = listWith({ scope: { url: URL_OF_LIST }, lines: [line({ reason: 1 }), { serial: '01' }] });

  test.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['a web page', Buffer.from('<!doctype html><title>Not found</title>')],
    ['a certificate', aCertificate().der],
    ['PEM', Buffer.from(`-----BEGIN X509 CRL-----\n${genuine.toString('base64')}\n`)],
    ['half a list', genuine.subarray(0, genuine.length / 2)],
  ])('%s says nothing', async (_, bytes) => {
    expect((await judge(bytes)).status).toBe('unknown');
  });

  test('garbage never throws, and never revokes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect((await judge(bytes)).status).toBe('unknown');
      }),
    );
  });

  test('a list with one byte changed says nothing, or what the issuer signed', async () => {
    const says = await judge(genuine);
    await fc.assert(
      fc.asyncProperty(fc.nat(genuine.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(genuine);
        changed.writeUInt8((changed[at] ?? 0) ^ change, at);
        const verdict = await judge(changed);
        if (verdict.status === 'known') expect(verdict).toEqual(says);
      }),
      { numRuns: 400 },
    );
  });

  test('even where the signature counts as verified, it never throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(genuine.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(genuine);
        changed.writeUInt8((changed[at] ?? 0) ^ change, at);
        const opened = await openRevocationList(changed, issuerFacts, true);
        const verdict = judgeRevocations(opened, {
          serials: new Set([leaf.serial]),
          url: URL_OF_LIST,
          now: PKI_NOW,
        });
        expect(['known', 'unknown']).toContain(verdict.status);
      }),
      { numRuns: 1000 },
    );
  });
});
