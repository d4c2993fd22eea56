import type { CertificateEvidence, CertificateFacts } from '../../core/certificate/facts.js';
import { keyHashOf } from '../../core/certificate/key-hash.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';

/** One certificate that a list or a responder is asked about. Small: there may be tens of thousands. */
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

/** Certificates of one issuer that name the same responder, and no list. */
export interface AskedResponder {
  readonly issuer: CertificateFacts;
  readonly url: string;
  readonly certificates: AskedCertificate[];
}

/** URLs of one certificate that are tried: the web's certificates name one. */
const MAX_URLS = 3;

/**
 * Which lists are to be asked about which certificates, and which responders where a certificate names no list. Only about those whose chain was followed to a trusted root: a
 * certificate that anybody can make must not have this server fetch what it names.
 */
export class ListQuestions {
  readonly #lists = new Map<string, AskedList>();
  readonly #responders = new Map<string, AskedResponder>();
  readonly #fingerprints = new Set<string>();

  /** Whether the certificate is among those asked about. */
  add(evidence: CertificateEvidence, { issuer }: Evaluation, now: Date): boolean {
    if (evidence.kind !== 'present' || issuer === undefined || issuer === null) return false;
    const { fingerprint, serial, notAfter, crlUrls, ocspUrls, key } = evidence.leaf;
    const [responderUrl] = ocspUrls;
    // Lists leave out what has expired.
    if (notAfter < now || (crlUrls.length === 0 && responderUrl === undefined)) return false;
    if (this.#fingerprints.has(fingerprint)) return true;
    this.#fingerprints.add(fingerprint);
    const asked = { fingerprint, serial, keyHash: keyHashOf(key.spki), notAfter };
    if (crlUrls.length === 0 && responderUrl !== undefined) this.#askResponder(issuer, responderUrl, asked);
    else this.#askList(issuer, crlUrls, asked);
    return true;
  }

  get lists(): readonly AskedList[] {
    return [...this.#lists.values()];
  }

  get responders(): readonly AskedResponder[] {
    return [...this.#responders.values()];
  }

  get certificates(): number {
    return this.#fingerprints.size;
  }

  #askList(issuer: CertificateFacts, crlUrls: readonly string[], asked: AskedCertificate): void {
    const key = `${issuer.fingerprint} ${crlUrls.join(' ')}`;
    const list = this.#lists.get(key) ?? { issuer, urls: crlUrls.slice(0, MAX_URLS), certificates: [] };
    this.#lists.set(key, list);
    list.certificates.push(asked);
  }

  #askResponder(issuer: CertificateFacts, url: string, asked: AskedCertificate): void {
    const key = `${issuer.fingerprint} ${url}`;
    const responder = this.#responders.get(key) ?? { issuer, url, certificates: [] };
    this.#responders.set(key, responder);
    responder.certificates.push(asked);
  }
}
