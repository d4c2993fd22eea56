import { describe, expect, test } from '@jest/globals';
import { TrustAnchors } from '../../../../src/core/certificate/chain/trust-anchors.js';
import type { CertificateFacts } from '../../../../src/core/certificate/facts.js';
import { completeChain } from '../../../../src/core/certificate/offered/complete-chain.js';
import { readCertificate } from '../../../../src/core/certificate/parse.js';
import { aCertificate, anIntermediate, aRoot, PKI_NOW } from '../../../support/pki.js';

const factsOf = ({ der }: { readonly der: Uint8Array }): CertificateFacts => readCertificate(der);
const root = aRoot();
const upper = anIntermediate({ name: 'Upper' });
const lower = anIntermediate({ name: 'Lower', issuer: upper });
const leaf = factsOf(aCertificate({ issuer: lower }));
const stranger = factsOf(anIntermediate({ name: 'Stranger' }));
const anchors = new TrustAnchors([root.certPem]);
const [l, u, r] = [factsOf(lower), factsOf(upper), factsOf(root)];

function complete(
  given: readonly CertificateFacts[],
  found: readonly CertificateFacts[] = [],
  trusted = anchors,
  of = leaf,
) {
  const { chain, ...rest } = completeChain(of, given, found, trusted, PKI_NOW);
  return { ...rest, chain: chain.map(({ subject }) => /CN=([^,]*)/.exec(subject)?.[1]) };
}
const done = { status: 'complete', isCompleted: false, chain: ['Lower', 'Upper'] };

describe('a chain', () => {
  test.each<[string, readonly CertificateFacts[]]>([
    ['is left as it is when it is right', [l, u]],
    ['is put in order', [u, l]],
    ['loses strangers and its root', [stranger, u, r, l, factsOf(aCertificate())]],
    ['loses what stands in it twice', [l, u, l]],
  ])('%s', (_case, given) => {
    expect(complete(given)).toEqual(done);
  });

  test('is completed by what was found elsewhere, and nothing more of that', () => {
    expect(complete([l], [stranger, u, r])).toEqual({ ...done, isCompleted: true });
    expect(complete([], [u, stranger, l])).toEqual({ ...done, isCompleted: true });
  });

  test('is not believed by name: an impostor with the issuer’s name does not complete it', () => {
    const impostor = factsOf(anIntermediate({ name: 'Lower', issuer: upper, noKeyIdentifiers: true }));
    expect(impostor.subject).toBe(l.subject);
    expect(complete([impostor], [u])).toMatchObject({ status: 'incomplete' });
    expect(complete([impostor], [l, u])).toEqual({ ...done, isCompleted: true });
  });

  test('stays incomplete, with what was given, when nobody has the issuer', () => {
    expect(complete([l, stranger])).toEqual({ status: 'incomplete', chain: ['Lower', 'Stranger'] });
    expect(complete([])).toEqual({ status: 'incomplete', chain: [] });
  });

  test('takes a sound issuer in place of one that is over', () => {
    const over = factsOf(
      anIntermediate({
        name: 'Lower',
        issuer: upper,
        key: lower.privateKey,
        notAfter: '2026-01-01T00:00:00Z',
      }),
    );
    expect(complete([over, u])).toMatchObject({ status: 'incomplete' });
    expect(complete([over, u], [l])).toEqual({ ...done, isCompleted: true });
  });

  test('keeps a cross-sign that was given, for clients that need it', () => {
    const old = aRoot({ name: 'Old Root' });
    const cross = factsOf(anIntermediate({ name: 'Upper', issuer: old, key: upper.privateKey }));
    expect(complete([l, u, cross])).toEqual({ ...done, chain: ['Lower', 'Upper', 'Upper'] });
    expect(complete([l, u], [cross])).toEqual(done);
  });

  test('of a private authority ends at its root, which is kept; without that it is incomplete', () => {
    expect(complete([l, u, r], [], new TrustAnchors([]))).toEqual({
      status: 'unknown-root',
      isCompleted: false,
      chain: ['Lower', 'Upper', 'Test Root'],
    });
    expect(complete([l, u], [], new TrustAnchors([]))).toMatchObject({ status: 'incomplete' });
  });

  test('that goes through one that may not issue is none', () => {
    const noCa = anIntermediate({ name: 'No CA', isCa: false });
    const below = factsOf(aCertificate({ issuer: noCa }));
    expect(complete([factsOf(noCa)], [], anchors, below)).toMatchObject({ status: 'incomplete' });
  });

  test('names an intermediate that only this server trusts by itself: others must be sent it', () => {
    const store = new TrustAnchors([root.certPem, upper.certPem, lower.certPem]);
    expect(complete([], [], store)).toEqual({ ...done, isCompleted: true });
    expect(complete([l, u], [], store)).toEqual(done);
  });

  test('is empty for a certificate that signed itself', () => {
    const own = factsOf(aCertificate({ issuer: 'self' }));
    expect(complete([l, u], [], anchors, own)).toEqual({ status: 'self-signed', chain: [] });
  });
});
