import type { CertificateEvidence } from '../facts.js';
import { isPrivateKeyLabel, keyMatchesCertificate } from '../key/private-key.js';
import { decodePem, encodePem, splitPem } from './pem.js';

/** Key and chain as a publication takes them. */
export interface PairTexts {
  readonly keyPem: string;
  /** Leaf first. */
  readonly chainPem: string;
}

/**
 * Cuts a pair out of the texts of a server's certificate and key files (which may be one): the key that is proved to belong
 * to the leaf, and every certificate once. Undefined without such a key. Never throws.
 */
export function pairTextsOf(
  evidence: Extract<CertificateEvidence, { kind: 'present' }>,
  texts: readonly string[],
): PairTexts | undefined {
  const { leaf, chain } = evidence;
  const keyPem = texts.flatMap(privateKeysIn).find((candidate) => keyMatchesCertificate(candidate, leaf.der));
  if (keyPem === undefined) return undefined;
  const certificates = new Map([leaf, ...chain].map(({ fingerprint, der }) => [fingerprint, der]));
  const chainPem = [...certificates.values()].map((der) => encodePem('CERTIFICATE', der)).join('');
  return { keyPem, chainPem };
}

function privateKeysIn(text: string): readonly string[] {
  return splitPem(text)
    .filter(({ label, headers }) => isPrivateKeyLabel(label) && headers === '')
    .flatMap((block) => {
      try {
        return [encodePem(block.label, decodePem(block))];
      } catch {
        return [];
      }
    });
}
