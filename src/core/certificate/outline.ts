import {
  bitStringOctets,
  contextConstructed,
  contextPrimitive,
  DerCursor,
  DerError,
  type DerValue,
  TAG,
} from './der.js';

/** Where the parts of a certificate lie (RFC 5280 4.1): views into its DER, nothing interpreted. */
export interface CertificateOutline {
  /** The certificate without whatever follows it. */
  readonly der: Uint8Array;
  /** What is signed. */
  readonly tbs: Uint8Array;
  readonly serial: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly issuer: Uint8Array;
  readonly notBefore: DerValue;
  readonly notAfter: DerValue;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  /** Content of the extensions' sequence; null in version 1. */
  readonly extensions: DerCursor | null;
  readonly signature: Uint8Array;
  /** For reading the DerValues. */
  readonly cursor: DerCursor;
}

/** @throws DerError naming the part that is wrong */
export function outlineCertificate(bytes: Uint8Array): CertificateOutline {
  const file = new DerCursor(bytes);
  const certificate = file.take(TAG.sequence, 'the certificate');
  const outer = file.into(certificate);
  const tbsValue = outer.take(TAG.sequence, 'the certificate body');
  const signatureAlgorithm = outer.whole(outer.take(TAG.sequence, 'the signature algorithm'));
  const signature = bitStringOctets(outer, outer.take(TAG.bitString, 'the signature'));

  const tbs = outer.into(tbsValue);
  tbs.takeIf(contextConstructed(0), 'the version');
  const serial = tbs.contents(tbs.take(TAG.integer, 'the serial number'));
  if (serial.length === 0) throw new DerError('the serial number is empty');
  const innerAlgorithm = tbs.whole(tbs.take(TAG.sequence, 'the inner signature algorithm'));
  if (!Buffer.from(innerAlgorithm).equals(signatureAlgorithm)) {
    throw new DerError('the two signature algorithms differ');
  }
  const issuer = tbs.whole(tbs.take(TAG.sequence, 'the issuer'));
  const validity = tbs.enter(TAG.sequence, 'the validity');
  const notBefore = validity.next('notBefore');
  const notAfter = validity.next('notAfter');
  const subject = tbs.whole(tbs.take(TAG.sequence, 'the subject'));
  const spki = tbs.whole(tbs.take(TAG.sequence, 'the public key'));
  tbs.takeIf(contextPrimitive(1), 'the issuer’s unique identifier');
  tbs.takeIf(contextPrimitive(2), 'the subject’s unique identifier');
  const extensions = tbs.takeIf(contextConstructed(3), 'the extensions');
  return {
    der: file.whole(certificate),
    tbs: outer.whole(tbsValue),
    serial,
    signatureAlgorithm,
    issuer,
    notBefore,
    notAfter,
    subject,
    spki,
    extensions: extensions ? tbs.into(extensions).enter(TAG.sequence, 'the extensions') : null,
    signature,
    cursor: tbs,
  };
}
