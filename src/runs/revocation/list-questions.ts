import type { CertificateEvidence, CertificateFacts } from '../../core/certificate/facts.js';
import { keyHashOf } from '../../core/certificate/key-hash.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';

/** One certificate that a list is asked about. Small: there may be tens of thousands. */
export interface AskedCertificate {
  readonly fingerprint: string;
  readonly serial: string;
  readonly keyHash: string;
  readonly notAfter: Date;
}

/** Certificates of one issuer that name the same list. */
export interface AskedList {
  readonly issuer: CertificateFacts;
  /** In the certificates' order; the first usable one counts. */
  readonly urls: readonly string[];
  readonly certificates: AskedCertificate[];
}

/** URLs of one certificate that are tried: the web's certificates name one. */
const MAX_URLS = 3;

/**
 * Which lists are to be asked about which certificates. Only about those whose chain was followed to a trusted root: a
 * certificate that anybody can make must not have this server fetch what it names.
 */
export class ListQuestions {
  readonly #lists = new Map<string, AskedList>();
  readonly #fingerprints = new Set<string>();
  #onlyResponders = 0;

  /** Whether the certificate is among those asked about. */
  add(evidence: CertificateEvidence, { issuer }: Evaluation, now: Date): boolean {
    if (evidence.kind !== 'present' || issuer === undefined || issuer === null) return false;
    const { fingerprint, serial, notAfter, crlUrls, ocspUrls, key: publicKey } = evidence.leaf;
    // Lists leave out what has expired.
    if (notAfter < now) return false;
    if (crlUrls.length === 0) {
      if (ocspUrls.length > 0) this.#onlyResponders += 1;
      return false;
    }
    if (this.#fingerprints.has(fingerprint)) return true;
    this.#fingerprints.add(fingerprint);
    const key = `${issuer.fingerprint} ${crlUrls.join(' ')}`;
    const list = this.#lists.get(key) ?? { issuer, urls: crlUrls.slice(0, MAX_URLS), certificates: [] };
    this.#lists.set(key, list);
    list.certificates.push({ fingerprint, serial, keyHash: keyHashOf(publicKey.spki), notAfter });
    return true;
  }

  get lists(): readonly AskedList[] {
    return [...this.#lists.values()];
  }

  get certificates(): number {
    return this.#fingerprints.size;
  }

  /** Certificates whose issuer tells by OCSP alone, which nobody asks here. */
  get onlyResponders(): number {
    return this.#onlyResponders;
  }
}
