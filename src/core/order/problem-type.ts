import type { AcmeProblem } from './resources.js';

/** RFC 8555 section 6.7: every ACME error type is this prefix and a short name. */
export const ACME_ERROR_PREFIX = 'urn:ietf:params:acme:error:';

/** The short name of a problem's type (`rateLimited`); another URI stays whole, for example `about:blank`. */
export function problemCode(problem: Pick<AcmeProblem, 'type'>): string {
  return problem.type.startsWith(ACME_ERROR_PREFIX)
    ? problem.type.slice(ACME_ERROR_PREFIX.length)
    : problem.type;
}

/** A problem of our own making, told in the CA's terms; `code` is a short name of RFC 8555 section 6.7. */
export function problemOf(code: string, detail: string, over: Partial<AcmeProblem> = {}): AcmeProblem {
  return {
    type: ACME_ERROR_PREFIX + code,
    detail,
    status: null,
    identifier: null,
    subproblems: [],
    retryAt: null,
    helpUrl: null,
    ...over,
  };
}
