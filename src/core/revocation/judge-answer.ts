import type { CertificateFacts } from '../certificate/facts.js';
import type {
  NamedCertificate,
  ResponderStatement,
  SignedAnswer,
} from '../certificate/revocation/responder-answer.js';
import type { AnswerOrigin, OpenedAnswer } from '../certificate/revocation/responder-answer-signature.js';
import { issuerDigests } from '../certificate/revocation/responder-question.js';
import type { AnswerFault, AnswerVerdict } from './verdict.js';

/** How far the responder's clock may be ahead of ours, in ms. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** What does not say how long it holds is believed for so long: none of a public CA holds for under 8 hours (BR 4.9.10). */
const UNSAID_LIFE_MS = 3 * 86_400_000;
/** Digests by which an issuer may be named. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** Which certificate was asked about. */
export interface ResponderQuestion {
  readonly issuer: CertificateFacts;
  /** As `CertificateFacts.serial`. */
  readonly serial: string;
  readonly now: Date;
}

/**
 * What a responder's answer says of this certificate (RFC 6960 3.2): nothing unless the issuer, or whom it lets answer,
 * signed it, it speaks of this very certificate, and holds today. Never throws for what the answer is.
 */
export function judgeAnswer(opened: OpenedAnswer, question: ResponderQuestion): AnswerVerdict {
  switch (opened.state) {
    case 'malformed':
      return unknown('MALFORMED', `cannot be read: ${opened.why}`);
    case 'refused':
      return unknown('REFUSED', `is “${opened.refusal}”`);
    case 'opened':
      return judgeSigned(opened.answer, opened.origin, question);
  }
}

function judgeSigned(answer: SignedAnswer, origin: AnswerOrigin, question: ResponderQuestion): AnswerVerdict {
  const fault = faultOfOrigin(origin);
  if (fault !== null) return { status: 'unknown', fault };
  if (answer.unknownCritical !== null) {
    return unknown('UNKNOWN_EXTENSION', `has a critical extension ${answer.unknownCritical}`);
  }
  const about = answer.statements.filter(({ certificate }) => isOf(certificate, question));
  const [statement] = about;
  if (statement === undefined) return unknown('OTHER_CERTIFICATE', 'speaks of another certificate');
  if (about.length > 1) return unknown('MALFORMED', 'says two things of the certificate');
  const { status, thisUpdate, nextUpdate } = statement;
  const late = faultOfTime(statement, question.now);
  if (late !== null) return { status: 'unknown', fault: late };
  const isNobodys =
    status === 'unknown' ||
    (status !== 'good' && answer.isExtended && status.revokedAt.getTime() === 0 && isHold(status.reason));
  if (isNobodys) return unknown('NOT_KNOWN_THERE', 'says that the issuer does not know the certificate');
  return {
    status: 'known',
    revocation: status === 'good' ? null : status,
    thisUpdate,
    holdsUntil: nextUpdate ?? new Date(thisUpdate.getTime() + UNSAID_LIFE_MS),
  };
}

/** RFC 6960 2.2: of what it never issued it says so by this reason and the year 1970. */
function isHold(reason: string): boolean {
  return reason === 'certificateHold';
}

function isOf(named: NamedCertificate, { issuer, serial }: ResponderQuestion): boolean {
  const algorithm = DIGESTS.get(named.hashAlgorithm);
  if (algorithm === undefined || named.serial !== serial) return false;
  const { name, key } = issuerDigests(issuer, algorithm);
  return name.equals(named.issuerNameHash) && key.equals(named.issuerKeyHash);
}

function faultOfOrigin(origin: AnswerOrigin): AnswerFault | null {
  switch (origin) {
    case 'its own':
      return null;
    case 'of another':
      return { code: 'OF_ANOTHER', why: 'is of somebody else than the issuer' };
    case 'not allowed':
      return { code: 'RESPONDER_MAY_NOT_SIGN', why: 'is of somebody whom the issuer does not let answer' };
    case 'bad signature':
      return { code: 'BAD_SIGNATURE', why: 'is not signed by whom it names' };
  }
}

function faultOfTime(
  { thisUpdate, nextUpdate }: Pick<ResponderStatement, 'thisUpdate' | 'nextUpdate'>,
  now: Date,
): AnswerFault | null {
  if (thisUpdate.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) {
    return { code: 'NOT_YET_VALID', why: `is of ${thisUpdate.toISOString()}, which has not come yet` };
  }
  const end = nextUpdate ?? new Date(thisUpdate.getTime() + UNSAID_LIFE_MS);
  return end > now ? null : { code: 'EXPIRED', why: `held until ${end.toISOString()}` };
}

function unknown(code: AnswerFault['code'], why: string): AnswerVerdict {
  return { status: 'unknown', fault: { code, why } };
}
