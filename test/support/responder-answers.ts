import { createHash, createPublicKey, type KeyObject, sign as signBytes } from 'node:crypto';
import * as w from './der-writer.js';
import { extension, PKI_NOW, signatureAlgorithmOf, type TestAuthority, type TestHash } from './pki.js';

const HOUR_MS = 3_600_000;
const DIGESTS: Readonly<Record<string, string>> = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  md5: '1.2.840.113549.2.5',
};

/** What one answer says of one certificate. */
export interface StatementOptions {
  /** Lower-case hex, as `CertificateFacts.serial`. */
  readonly serial: string;
  /** Of the CertID; default the answer’s issuer. */
  readonly issuer?: TestAuthority;
  readonly digest?: 'sha1' | 'sha256' | 'md5';
  /** Default good. A number of RFC 5280 5.3.1: revoked for that reason; null: for none. */
  readonly revoked?: number | null;
  readonly revokedAt?: Date;
  readonly isUnknown?: boolean;
  readonly thisUpdate?: Date;
  /** Null leaves it out. */
  readonly nextUpdate?: Date | null;
  readonly extensions?: readonly Buffer[];
}

/** Who signs an answer. */
export interface Signer {
  readonly subject: Buffer;
  readonly privateKey: KeyObject;
}

export interface AnswerOptions {
  readonly issuer: TestAuthority;
  readonly statements: readonly StatementOptions[];
  /** Default the issuer. */
  readonly signer?: Signer;
  readonly namedBy?: 'name' | 'key';
  /** DER of certificates to send along. */
  readonly certificates?: readonly Buffer[];
  readonly extensions?: readonly Buffer[];
  readonly hash?: TestHash;
  readonly badSignature?: boolean;
}

/** DER of an answer: made an hour before `PKI_NOW`, for four days. */
export function anAnswer(options: AnswerOptions): Buffer {
  const { issuer, statements, signer = issuer, namedBy = 'name', hash = 'sha256' } = options;
  const { certificates = [], extensions = [] } = options;
  const algorithm = signatureAlgorithmOf(signer.privateKey, hash);
  const tbs = w.sequence(
    namedBy === 'name'
      ? w.tagged(1, signer.subject)
      : w.tagged(2, w.octets(sha(keyBits(signer.privateKey), 'sha1'))),
    generalizedTime(new Date(PKI_NOW.getTime() - HOUR_MS)),
    w.sequence(...statements.map((one) => statementOf(one, issuer))),
    ...(extensions.length === 0 ? [] : [w.tagged(1, w.sequence(...extensions))]),
  );
  const isEdwards = signer.privateKey.asymmetricKeyType?.startsWith('ed') ?? false;
  const signature = signBytes(isEdwards ? null : hash, tbs, signer.privateKey);
  if (options.badSignature === true) signature.writeUInt8((signature.at(-1) ?? 0) ^ 1, signature.length - 1);
  const basic = w.sequence(
    tbs,
    algorithm,
    w.bits(signature),
    ...(certificates.length === 0 ? [] : [w.tagged(0, w.sequence(...certificates))]),
  );
  return answerOf(0, w.sequence(w.oid('1.3.6.1.5.5.7.48.1.1'), w.octets(basic)));
}

/** DER of an answer that is none: 3 is tryLater. */
export function aRefusal(status: number): Buffer {
  return answerOf(status);
}

/** The extension by which a responder says that it calls revoked what nobody issued. */
export const extendedRevoke = extension('1.3.6.1.5.5.7.48.1.9', false, w.nothing());

function answerOf(status: number, ...contents: readonly Buffer[]): Buffer {
  return w.sequence(w.der(0x0a, Buffer.of(status)), ...contents.map((one) => w.tagged(0, one)));
}

function statementOf(statement: StatementOptions, answerer: TestAuthority): Buffer {
  const { serial, issuer = answerer, digest = 'sha1', extensions = [] } = statement;
  const thisUpdate = statement.thisUpdate ?? new Date(PKI_NOW.getTime() - HOUR_MS);
  const nextUpdate =
    statement.nextUpdate === undefined ? new Date(thisUpdate.getTime() + 96 * HOUR_MS) : statement.nextUpdate;
  return w.sequence(
    w.sequence(
      w.sequence(w.oid(DIGESTS[digest] ?? ''), w.nothing()),
      w.octets(sha(issuer.subject, digest)),
      w.octets(sha(keyBits(issuer.privateKey), digest)),
      w.der(0x02, Buffer.from(serial, 'hex')),
    ),
    statusOf(statement),
    generalizedTime(thisUpdate),
    ...(nextUpdate === null ? [] : [w.tagged(0, generalizedTime(nextUpdate))]),
    ...(extensions.length === 0 ? [] : [w.tagged(1, w.sequence(...extensions))]),
  );
}

function statusOf({ revoked, revokedAt, isUnknown }: StatementOptions): Buffer {
  if (isUnknown === true) return w.implicit(2, Buffer.alloc(0));
  if (revoked === undefined) return w.implicit(0, Buffer.alloc(0));
  return w.tagged(
    1,
    generalizedTime(revokedAt ?? new Date('2026-05-30T12:00:00Z')),
    ...(revoked === null ? [] : [w.tagged(0, w.der(0x0a, Buffer.of(revoked)))]),
  );
}

function generalizedTime(at: Date): Buffer {
  const digits = at.toISOString().replace(/\.\d+Z$/, 'Z');
  return w.der(0x18, Buffer.from(digits.replace(/[-:T]/g, '')));
}

/** The contents of the BIT STRING of a key’s SubjectPublicKeyInfo; all keys here are of kinds whose bits come last. */
function keyBits(key: KeyObject): Buffer {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  if (jwk.kty === 'EC') return spki.subarray(spki.indexOf(Buffer.from(jwk.x ?? '', 'base64url')) - 1);
  return createPublicKey(key).export({ type: 'pkcs1', format: 'der' });
}

function sha(bytes: Uint8Array, algorithm: string): Buffer {
  return createHash(algorithm).update(bytes).digest();
}
