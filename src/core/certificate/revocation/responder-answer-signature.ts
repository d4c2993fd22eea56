import { webcrypto } from 'node:crypto';
import { isSignedBy, verifyingKey } from '../chain/verification.js';
import { asBuffer, DerError, time } from '../der.js';
import { nameKey } from '../distinguished-name.js';
import { readExtensions } from '../extensions.js';
import type { CertificateFacts } from '../facts.js';
import { type CertificateOutline, outlineCertificate } from '../outline.js';
import { bitString, sequenceOf } from './der-values.js';
import { type ResponderAnswer, readResponderAnswer, type SignedAnswer } from './responder-answer.js';
import { publicKeyDigest } from './responder-question.js';

/** An answer whose bytes were read, and whose it is. */
export type OpenedAnswer =
  | { readonly state: 'opened'; readonly answer: SignedAnswer; readonly origin: AnswerOrigin }
  | Extract<ResponderAnswer, { state: 'refused' }>
  /** `why`: one clause. */
  | { readonly state: 'malformed'; readonly why: string };

/**
 * What an issuer has to do with an answer: it, or whom it lets answer (RFC 6960 4.2.2.2), signed it. `not allowed`: somebody
 * whose certificate does not let him, or not today.
 */
export type AnswerOrigin = 'its own' | 'of another' | 'not allowed' | 'bad signature';

/** id-kp-OCSPSigning. */
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';

/** Reads an answer (DER, as it came) and finds out whether `issuer` stands behind it. Never rejects for what the bytes are. */
export async function openResponderAnswer(
  der: Uint8Array,
  issuer: CertificateFacts,
  now: Date,
): Promise<OpenedAnswer> {
  try {
    const answer = readResponderAnswer(der);
    if (answer.state === 'refused') return answer;
    return { state: 'opened', answer, origin: await judgeOrigin(answer, issuer, now) };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { state: 'malformed', why: error.message };
  }
}

async function judgeOrigin(answer: SignedAnswer, issuer: CertificateFacts, now: Date): Promise<AnswerOrigin> {
  const own = outlineCertificate(issuer.der);
  const isOfIssuer = isNamed(answer, own);
  if (isOfIssuer && (await isSigned(answer, own.spki))) return 'its own';
  const delegates = answer.certificates.flatMap(outlineOrNone).filter((one) => isNamed(answer, one));
  if (delegates.length === 0) return isOfIssuer ? 'bad signature' : 'of another';
  const allowed = delegates.filter((one) => isDelegate(one, own, now));
  if (allowed.length === 0) return 'not allowed';
  for (const one of allowed) if (await isSigned(answer, one.spki)) return 'its own';
  return 'bad signature';
}

/** Whether the answer says that this certificate's holder gives it. */
function isNamed({ responder }: SignedAnswer, { subject, spki }: CertificateOutline): boolean {
  try {
    return 'name' in responder
      ? nameKey(responder.name) === nameKey(subject)
      : publicKeyDigest(spki).equals(responder.keyHash);
  } catch {
    return false;
  }
}

/** Issued by the issuer itself, for answering, and valid now. Whether it was revoked in turn is not asked: its life is short. */
function isDelegate(one: CertificateOutline, issuer: CertificateOutline, now: Date): boolean {
  try {
    const { cursor, notBefore, notAfter } = one;
    const isValid = time(cursor, notBefore, 'notBefore') <= now && now <= time(cursor, notAfter, 'notAfter');
    if (!isValid || nameKey(one.issuer) !== nameKey(issuer.subject)) return false;
    if (!(readExtensions(one.extensions).extendedKeyUsage ?? []).includes(OCSP_SIGNING)) return false;
    const key = verifyingKey(issuer.spki);
    return key !== undefined && isSignedBy(one, key);
  } catch {
    return false;
  }
}

function outlineOrNone(der: Uint8Array): CertificateOutline[] {
  try {
    return [outlineCertificate(der)];
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}

/** By PKI.js, on node's WebCrypto; loaded when first used. Never throws for what the bytes are. */
async function isSigned(
  { tbs, signatureAlgorithm, signature }: SignedAnswer,
  spki: Uint8Array,
): Promise<boolean> {
  const { BasicOCSPResponse, CryptoEngine, PublicKeyInfo } = await import('pkijs');
  try {
    const engine = new CryptoEngine({ name: 'node', crypto: webcrypto as Crypto });
    const bare = sequenceOf([tbs, signatureAlgorithm, bitString(signature)]);
    const parsed = BasicOCSPResponse.fromBER(Buffer.from(bare));
    return await engine.verifyWithPublicKey(
      Buffer.from(asBuffer(tbs)),
      parsed.signature,
      PublicKeyInfo.fromBER(Buffer.from(spki)),
      parsed.signatureAlgorithm,
    );
  } catch {
    return false;
  }
}
