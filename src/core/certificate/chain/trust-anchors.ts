import { asBuffer } from '../der.js';
import { nameKey } from '../distinguished-name.js';
import type { CertificateFacts } from '../facts.js';
import { outlineCertificate } from '../outline.js';
import { readCertificate } from '../parse.js';
import { decodePem, splitPem } from '../pem/pem.js';

/**
 * The certificates that we believe without a signature: a value, made from PEM text (design 5.5). Nothing is parsed
 * before the first question; then all subjects are walked once and only the anchors asked for are read whole.
 */
export class TrustAnchors {
  readonly #texts: readonly string[];
  #bySubject: ReadonlyMap<string, readonly Uint8Array[]> | undefined;
  readonly #read = new Map<Uint8Array, CertificateFacts | undefined>();

  /** @param texts PEM bundles; what in them is not a readable certificate is passed over */
  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  /** These and the certificates of further bundles. */
  with(texts: readonly string[]): TrustAnchors {
    return texts.length === 0 ? this : new TrustAnchors([...this.#texts, ...texts]);
  }

  /** Anchors with this subject (see `nameKey`). */
  withSubject(subjectKey: string): readonly CertificateFacts[] {
    return (this.#index().get(subjectKey) ?? [])
      .map((der) => this.#facts(der))
      .filter((facts) => facts !== undefined);
  }

  /** Whether this very certificate is an anchor. */
  includes(certificate: CertificateFacts, subjectKey: string): boolean {
    return (this.#index().get(subjectKey) ?? []).some((der) => asBuffer(der).equals(certificate.der));
  }

  /** How many different subjects there are: 0 means that nothing can be trusted. */
  get size(): number {
    return this.#index().size;
  }

  #index(): ReadonlyMap<string, readonly Uint8Array[]> {
    this.#bySubject ??= indexBySubject(this.#texts);
    return this.#bySubject;
  }

  #facts(der: Uint8Array): CertificateFacts | undefined {
    if (!this.#read.has(der))
      this.#read.set(
        der,
        readOrPass(() => readCertificate(der)),
      );
    return this.#read.get(der);
  }
}

function indexBySubject(texts: readonly string[]): Map<string, Uint8Array[]> {
  const index = new Map<string, Uint8Array[]>();
  for (const block of texts.flatMap(splitPem)) {
    if (!block.label.endsWith('CERTIFICATE')) continue;
    const outline = readOrPass(() => outlineCertificate(decodePem(block)));
    const key = outline && readOrPass(() => nameKey(outline.subject));
    if (!outline || key === undefined) continue;
    const sameSubject = index.get(key) ?? [];
    index.set(key, sameSubject);
    if (!sameSubject.some((der) => asBuffer(der).equals(outline.der))) sameSubject.push(outline.der);
  }
  return index;
}

function readOrPass<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
