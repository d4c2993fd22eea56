import { describe, expect, test } from '@jest/globals';
import { TrustAnchors } from '../../../src/core/certificate/chain/trust-anchors.js';
import { takeCombinedApart } from '../../../src/core/certificate/pem/combined.js';
import { pairTextsOf } from '../../../src/core/certificate/pem/pair-texts.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import {
  bestOf,
  judgePair,
  type PairVerdict,
  type PresentCertificate,
  presentCertificateOf,
  stepFor,
} from '../../../src/core/plan/adoption/adoption-certificate.js';
import { aCertificate, aKey, anIntermediate, aRoot, keyPemOf, PKI_NOW } from '../../support/pki.js';

const CERTBOT = { program: 'certbot', name: 'a.test' } as const;
const ORGANIZATION_VALIDATED = '2.23.140.1.2.2';
const EXTENDED_VALIDATION = '2.23.140.1.1';
const policy = { anchors: new TrustAnchors([aRoot().certPem]), keyType: 'rsa-2048' } as const;
const names = ['a.test', 'www.a.test'].map(parseDomainName);
const letsEncrypt = anIntermediate({ organization: "Let's Encrypt" });
const stranger = anIntermediate({ issuer: aRoot({ name: 'Unknown Root' }) });

const judge = (text: string, manager: typeof CERTBOT | null = null): PairVerdict =>
  judgePair(takeCombinedApart(text, '/etc/x.pem'), names, manager, policy, PKI_NOW);
const inWords = (verdict: PairVerdict): string =>
  verdict.worth === 'none' ? `none ${verdict.code}` : `${verdict.worth} ${verdict.provider}`;

describe('a pair that a server’s site names', () => {
  const good = aCertificate({ names: ['a.test'] });
  const bought = aCertificate({ names, policies: [EXTENDED_VALIDATION] });
  test.each<[string, string, typeof CERTBOT | null, string]>([
    [
      'of an authority that we know',
      aCertificate({ names, issuer: letsEncrypt }).combined,
      null,
      'own LetsEncrypt',
    ],
    ['of another authority', good.combined, null, 'own null'],
    ['for one of the names', aCertificate({ names: ['www.a.test', 'x.test'] }).combined, null, 'own null'],
    ['for all names of the domain', aCertificate({ names: ['*.a.test'] }).combined, null, 'own null'],
    [
      'of a validated organization',
      aCertificate({ names, policies: [ORGANIZATION_VALIDATED] }).combined,
      null,
      'bought null',
    ],
    ['with extended validation', bought.combined, null, 'bought null'],
    ['bought, without its chain', bought.keyPem + bought.certPem, null, 'bought null'],
    ['for other names', aCertificate({ names: ['b.test'] }).combined, null, 'none OTHER_NAMES'],
    ['that signed itself', aCertificate({ names, issuer: 'self' }).combined, null, 'none SELF_SIGNED'],
    [
      'that has expired',
      aCertificate({ names, notBefore: '2026-01-01T00:00:00Z', hours: 24 }).combined,
      CERTBOT,
      'none CERTIFICATE_EXPIRED',
    ],
    [
      'that is not in force yet',
      aCertificate({ names, notBefore: '2026-07-01T00:00:00Z' }).combined,
      null,
      'none CERTIFICATE_NOT_YET_VALID',
    ],
    ['with the key of another', keyPemOf(aKey()) + good.chainPem, CERTBOT, 'none KEY_MISMATCH'],
    ['without a key', good.chainPem, CERTBOT, 'none KEY_UNREADABLE'],
    ['without a certificate', good.keyPem, null, 'none CERTIFICATE_UNREADABLE'],
    ['that is empty', ' \n', null, 'none CERTIFICATE_EMPTY'],
    [
      'with a weak key',
      aCertificate({ names, keyType: 'rsa-1024' }).combined,
      CERTBOT,
      'none RSA_KEY_TOO_SMALL',
    ],
    ['of nobody trusted', aCertificate({ names, issuer: stranger }).combined, null, 'none CHAIN_INCOMPLETE'],
    [
      'of nobody trusted, from an ACME client',
      aCertificate({ names, issuer: stranger }).combined,
      CERTBOT,
      'own null',
    ],
    ['without its chain, from an ACME client', good.keyPem + good.certPem, CERTBOT, 'own null'],
  ])('%s', (_, text, manager, expected) => {
    expect(inWords(judge(text, manager))).toBe(expected);
  });

  test('is warned of where the chain of an ACME client does not lead to a root', () => {
    const verdict = judge(good.keyPem + good.certPem, CERTBOT);
    expect(verdict).toMatchObject({ warnings: [expect.stringMatching(/issuer/i)] });
  });
});

describe('what becomes of it', () => {
  const leaf = (text: string) => {
    const evidence = takeCombinedApart(text, '/x');
    if (evidence.kind !== 'present') throw new Error('no certificate');
    return evidence.leaf;
  };
  const found = aCertificate({ names });
  const { fingerprint } = leaf(found.combined);
  const other = aCertificate({ names });
  const placeholder = aCertificate({ names, issuer: 'self' });
  const at = (text: string | null, recorded: readonly string[] = []): PresentCertificate =>
    presentCertificateOf(
      text === null ? { kind: 'absent', path: '/x' } : takeCombinedApart(text, '/x'),
      fingerprint,
      recorded.map((one) => ({ fingerprint: one })),
    );
  const own = judge(found.combined);
  const bought: PairVerdict = { worth: 'bought', leaf: leaf(found.combined), provider: null, warnings: [] };
  const none = judge('');

  test.each<[string, PairVerdict | null, PresentCertificate, string]>([
    ['it is recorded where nothing lies', own, at(null), 'record'],
    ['it is recorded over an empty file', own, at(''), 'record'],
    ['it is recorded over a placeholder', own, at(placeholder.combined), 'record'],
    ['one that was put there before its record is recorded', own, at(found.combined), 'record'],
    ['one that is there and recorded is done', own, at(found.combined, [fingerprint]), 'done'],
    ['another one stays', own, at(other.combined), 'keep-present'],
    [
      'another one that is ours stays',
      own,
      at(other.combined, [leaf(other.combined).fingerprint]),
      'keep-present',
    ],
    ['rubbish stays for the next run', own, at('rubbish'), 'keep-present'],
    ['a bought one is copied where nothing lies', bought, at(null), 'copy'],
    ['a bought one that is there is done', bought, at(found.combined), 'done'],
    ['what is worth nothing is not taken', none, at(null), 'none'],
    ['nothing is not taken', null, at(null), 'none'],
    ['nothing leaves another one as it is', null, at(other.combined), 'keep-present'],
  ])('%s', (_, verdict, present, expected) => {
    expect(stepFor(verdict, present)).toBe(expected);
  });

  test.each<[string, PairVerdict[], number | null]>([
    ['our own before bought ones', [none, bought, own], 2],
    ['bought ones before worthless ones', [none, bought], 1],
    ['the first of equals', [none, judge('x')], 0],
    ['none of none', [], null],
  ])('the best of several is %s', (_, verdicts, expected) => {
    const all = verdicts.map((verdict, index) => ({ verdict, index }));
    expect(bestOf(all)?.index ?? null).toBe(expected);
  });
});

describe('the texts of a pair', () => {
  const { certPem, keyPem, chainPem } = aCertificate({ names });
  const textsOf = (...texts: readonly string[]) => {
    const evidence = takeCombinedApart(texts.join('\n'), '/x');
    if (evidence.kind !== 'present') throw new Error('no certificate');
    return pairTextsOf(evidence, texts);
  };

  test('are key and chain, leaf first, each once, whatever else stands in the files', () => {
    const intermediate = chainPem.slice(certPem.length);
    const strangers = `${keyPemOf(aKey())}Bag Attributes\n`;
    const found = textsOf(`${strangers}${keyPem}${certPem}`, `# fullchain\n${intermediate}${certPem}`);
    expect(found).toEqual({ keyPem, chainPem: certPem + intermediate });
  });

  test('are none when no key belongs to the leaf', () => {
    expect(textsOf(keyPemOf(aKey()), chainPem)).toBeUndefined();
  });
});
