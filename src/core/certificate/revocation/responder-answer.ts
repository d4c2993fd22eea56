import {
  bitStringOctets,
  contextConstructed,
  contextPrimitive,
  DerCursor,
  DerError,
  hex,
  objectIdentifier,
  TAG,
  time,
} from '../der.js';
import { extensionsIn, type Revocation, reasonIn } from './revocation-list.js';

/** OCSPResponseStatus (RFC 6960 4.2.1), each at its number; 4 is not used. */
const STATUSES = [
  'successful',
  'malformedRequest',
  'internalError',
  'tryLater',
  null,
  'sigRequired',
  'unauthorized',
] as const;
export type ResponderRefusal = Exclude<(typeof STATUSES)[number], 'successful' | null> | 'undefined';

/** What a responder sent: an answer, its parts views into the DER, nothing judged; or that it gives none. */
export type ResponderAnswer =
  | { readonly state: 'refused'; readonly refusal: ResponderRefusal }
  | ({ readonly state: 'answered' } & SignedAnswer);

export interface SignedAnswer {
  /** What is signed. */
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  /** Who says so: DER of a name, or SHA-1 of a public key’s bits. */
  readonly responder: { readonly name: Uint8Array } | { readonly keyHash: Uint8Array };
  /** DER of the certificates that came with it. */
  readonly certificates: readonly Uint8Array[];
  readonly statements: readonly ResponderStatement[];
  /** It holds that what nobody issued is revoked (RFC 6960 4.4.8). */
  readonly isExtended: boolean;
  /** A critical extension that we do not know, dotted. */
  readonly unknownCritical: string | null;
}

/** What is said of one certificate. */
export interface ResponderStatement {
  readonly certificate: NamedCertificate;
  readonly status: 'good' | 'unknown' | Revocation;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
}

/** A CertID. */
export interface NamedCertificate {
  /** Dotted. */
  readonly hashAlgorithm: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** As `CertificateFacts.serial`. */
  readonly serial: string;
}

/** id-pkix-ocsp-basic, the one kind of answer there is. */
const BASIC = '1.3.6.1.5.5.7.48.1.1';
/** id-pkix-ocsp-extended-revoke. */
const EXTENDED_REVOKE = '1.3.6.1.5.5.7.48.1.9';
const TAG_ENUMERATED = 0x0a;
/** Certificates of an answer that are looked at: one is usual, that of the responder. */
const MAX_CERTIFICATES = 8;
/** An answer to one question says one thing; some say it of neighbours too. */
const MAX_STATEMENTS = 100;

/** @throws DerError naming the part that is wrong */
export function readResponderAnswer(bytes: Uint8Array): ResponderAnswer {
  const outer = new DerCursor(bytes).enter(TAG.sequence, 'the answer');
  const number = outer.contents(outer.take(TAG_ENUMERATED, 'the answer’s status'));
  const status = number.length === 1 ? (STATUSES[number[0] ?? 0] ?? 'undefined') : 'undefined';
  if (status !== 'successful') return { state: 'refused', refusal: status };
  const kinds = outer
    .enter(contextConstructed(0), 'the answer’s contents')
    .enter(TAG.sequence, 'the answer’s contents');
  const kind = objectIdentifier(kinds, kinds.take(TAG.objectIdentifier, 'the kind of answer'));
  if (kind !== BASIC) throw new DerError(`the answer is of a kind ${kind}, which is not known here`);
  const basic = kinds.enter(TAG.octetString, 'the answer itself').enter(TAG.sequence, 'the answer itself');
  const tbs = basic.take(TAG.sequence, 'the answer’s body');
  const signatureAlgorithm = basic.whole(basic.take(TAG.sequence, 'the signature algorithm'));
  const signature = bitStringOctets(basic, basic.take(TAG.bitString, 'the signature'));
  const certificates = basic.takeIf(contextConstructed(0), 'the answer’s certificates');
  return {
    state: 'answered',
    tbs: basic.whole(tbs),
    signatureAlgorithm,
    signature,
    certificates: certificates === undefined ? [] : readCertificates(basic.into(certificates)),
    ...readBody(basic.into(tbs)),
  };
}

function readCertificates(outer: DerCursor): Uint8Array[] {
  const values = outer.enter(TAG.sequence, 'the answer’s certificates');
  const found: Uint8Array[] = [];
  while (!values.isAtEnd && found.length < MAX_CERTIFICATES) {
    found.push(values.whole(values.take(TAG.sequence, 'a certificate of the answer')));
  }
  return found;
}

function readBody(
  body: DerCursor,
): Pick<SignedAnswer, 'responder' | 'statements' | 'isExtended' | 'unknownCritical'> {
  body.takeIf(contextConstructed(0), 'the version');
  const responder = readResponder(body);
  time(body, body.next('the answer’s time'), 'the answer’s time');
  const values = body.enter(TAG.sequence, 'the answer’s statements');
  const statements: ResponderStatement[] = [];
  let unknownCritical: string | null = null;
  while (!values.isAtEnd) {
    if (statements.length >= MAX_STATEMENTS) throw new DerError('the answer speaks of too many certificates');
    const { statement, unknown } = readStatement(values.enter(TAG.sequence, 'a statement of the answer'));
    statements.push(statement);
    unknownCritical ??= unknown;
  }
  let isExtended = false;
  const extensions = body.takeIf(contextConstructed(1), 'the answer’s extensions');
  for (const { oid, isCritical } of extensionsOf(body, extensions)) {
    if (oid === EXTENDED_REVOKE) isExtended = true;
    else if (isCritical) unknownCritical ??= oid;
  }
  return { responder, statements, isExtended, unknownCritical };
}

function readResponder(body: DerCursor): SignedAnswer['responder'] {
  const name = body.takeIf(contextConstructed(1), 'the responder’s name');
  if (name !== undefined) {
    const inner = body.into(name);
    return { name: inner.whole(inner.take(TAG.sequence, 'the responder’s name')) };
  }
  const key = body.enter(contextConstructed(2), 'the responder');
  return { keyHash: key.contents(key.take(TAG.octetString, 'the responder’s key')) };
}

function readStatement(value: DerCursor): {
  readonly statement: ResponderStatement;
  readonly unknown: string | null;
} {
  const certificate = readNamed(value.enter(TAG.sequence, 'the certificate’s name'));
  const status = readStatus(value);
  const thisUpdate = time(value, value.next('thisUpdate'), 'thisUpdate');
  const until = value.takeIf(contextConstructed(0), 'nextUpdate');
  const inner = until === undefined ? null : value.into(until);
  const nextUpdate = inner === null ? null : time(inner, inner.next('nextUpdate'), 'nextUpdate');
  const extensions = value.takeIf(contextConstructed(1), 'a statement’s extensions');
  const critical = [...extensionsOf(value, extensions)].find(({ isCritical }) => isCritical);
  return {
    statement: { certificate, status, thisUpdate, nextUpdate },
    unknown: critical?.oid ?? null,
  };
}

function readNamed(value: DerCursor): NamedCertificate {
  const algorithm = value.enter(TAG.sequence, 'the digest’s algorithm');
  return {
    hashAlgorithm: objectIdentifier(
      algorithm,
      algorithm.take(TAG.objectIdentifier, 'the digest’s algorithm'),
    ),
    issuerNameHash: value.contents(value.take(TAG.octetString, 'the issuer’s name')),
    issuerKeyHash: value.contents(value.take(TAG.octetString, 'the issuer’s key')),
    serial: hex(value.contents(value.take(TAG.integer, 'the serial number'))),
  };
}

function readStatus(value: DerCursor): ResponderStatement['status'] {
  if (value.takeIf(contextPrimitive(0), 'the status') !== undefined) return 'good';
  if (value.takeIf(contextPrimitive(2), 'the status') !== undefined) return 'unknown';
  const revoked = value.enter(contextConstructed(1), 'the status');
  const revokedAt = time(revoked, revoked.next('the revocation date'), 'the revocation date');
  const reason = revoked.takeIf(contextConstructed(0), 'the reason');
  return { revokedAt, reason: reason === undefined ? 'unspecified' : reasonIn(revoked.into(reason)) };
}

function* extensionsOf(outer: DerCursor, value: ReturnType<DerCursor['takeIf']>) {
  if (value !== undefined) yield* extensionsIn(outer.into(value).enter(TAG.sequence, 'the extensions'));
}
