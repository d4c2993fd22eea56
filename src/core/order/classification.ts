import { problemCode } from './problem-type.js';
import type { AcmeProblem } from './resources.js';

/**
 * What a problem means for the next attempt:
 * `fix-your-input` names, DNS, website or CSR must change, tried again daily; `rate-limited` not before its retryAt;
 * `transient` the CA's trouble, doubling with jitter; `person-must-act` nothing helps until the administrator acts;
 * `terms-changed` the terms of service wait for a yes; `order-again` at once, by the order's own rules.
 */
export type ProblemClass =
  | 'fix-your-input'
  | 'rate-limited'
  | 'transient'
  | 'person-must-act'
  | 'terms-changed'
  | 'order-again';

/**
 * What the problem was about: `unauthorized` names a bad website or a bad account. `order`: a request for an order that the CA
 * had taken, its key and CSR.
 */
export type ProblemSubject = 'request' | 'validation' | 'order';

/** Those of an order that the CA had taken are about that order: another one may do better. */
const ABOUT_ORDER: ReadonlySet<string> = new Set(['unauthorized', 'badPublicKey', 'badSignatureAlgorithm']);

/** Every type of RFC 8555 6.7, RFC 8738/8739, RFC 9115, RFC 9773, RFC 9799, the profiles draft, and those seen in the field. */
const CLASS_OF: ReadonlyMap<string, ProblemClass> = new Map([
  ['accountDoesNotExist', 'order-again'],
  ['alreadyReplaced', 'order-again'],
  ['alreadyRevoked', 'fix-your-input'],
  ['autoRenewalCanceled', 'order-again'],
  ['autoRenewalCancellationInvalid', 'fix-your-input'],
  ['autoRenewalExpired', 'order-again'],
  ['autoRenewalRevocationNotSupported', 'fix-your-input'],
  ['badCSR', 'fix-your-input'],
  ['badNonce', 'order-again'],
  ['badPublicKey', 'person-must-act'],
  ['badRevocationReason', 'fix-your-input'],
  ['badSignatureAlgorithm', 'person-must-act'],
  ['caa', 'fix-your-input'],
  ['conflict', 'order-again'],
  ['connection', 'fix-your-input'],
  ['dns', 'fix-your-input'],
  ['externalAccountRequired', 'person-must-act'],
  ['incorrectResponse', 'fix-your-input'],
  ['invalidContact', 'person-must-act'],
  ['invalidProfile', 'person-must-act'],
  ['malformed', 'fix-your-input'],
  ['onionCAARequired', 'fix-your-input'],
  ['orderNotReady', 'order-again'],
  ['rateLimited', 'rate-limited'],
  ['rejectedIdentifier', 'fix-your-input'],
  ['serverInternal', 'transient'],
  ['tls', 'fix-your-input'],
  ['unauthorized', 'person-must-act'],
  ['unknownDelegation', 'person-must-act'],
  ['unsupportedContact', 'person-must-act'],
  ['unsupportedIdentifier', 'fix-your-input'],
  ['userActionRequired', 'terms-changed'],
]);

/** The types the table knows, for a test that it is complete. */
export const KNOWN_PROBLEM_CODES: readonly string[] = [...CLASS_OF.keys()];

/**
 * The class of a problem (RFC 8555 section 6.7). A `compound` problem is what its subproblems agree on; an unknown type
 * is judged by its HTTP status. `about` says whether it came from a challenge (`validation`), for an order under way, or from another request.
 */
export function classifyProblem(problem: AcmeProblem, about: ProblemSubject = 'request'): ProblemClass {
  const code = problemCode(problem);
  if (code === 'unauthorized' && about === 'validation') return 'fix-your-input';
  if (about === 'order' && ABOUT_ORDER.has(code)) return 'fix-your-input';
  if (code === 'compound') {
    const classes = new Set(problem.subproblems.map((one) => classifyProblem(one, 'validation')));
    const [only] = classes;
    return only !== undefined && classes.size === 1 ? only : 'fix-your-input';
  }
  // An overloaded CA says so with this status and any type at all; only an explicit rate limit means more.
  if (problem.status === 503 && code !== 'rateLimited') return 'transient';
  return CLASS_OF.get(code) ?? classOfStatus(problem.status);
}

function classOfStatus(status: number | null): ProblemClass {
  if (status === 429) return 'rate-limited';
  if (status === 409) return 'order-again';
  if (status === null || status >= 500) return 'transient';
  return 'fix-your-input';
}
