import type { DcvFailureCode, DnsFailureCode } from '../../core/dcv/outcome.js';
import { problemOf } from '../../core/order/problem-type.js';
import type { AcmeAuthorization, AcmeOrder, AcmeProblem, Identifier } from '../../core/order/resources.js';
import type { StoredAuthorization, StoredOrder } from './order-files.js';
import { localUrl } from './resource-urls.js';

/** The order as RFC 8555 7.1.3 shows it; its status follows from its authorizations. */
export function orderView(order: StoredOrder, now: Date): AcmeOrder {
  const isIssued = order.chainPem !== null;
  return {
    url: localUrl('order', order.id),
    status: statusOf(order, now),
    expiresAt: new Date(order.expiresAt),
    identifiers: order.authorizations.map(({ name }) => dns(name)),
    authorizations: order.authorizations.map((_, index) => localUrl('authorization', order.id, index)),
    finalize: localUrl('finalize', order.id),
    certificate: isIssued ? localUrl('certificate', order.id) : null,
    error: isIssued ? null : firstProblem(order),
    retryAt: null,
  };
}

/** RFC 8555 7.1.6; `processing` never, since we sign at once. */
export function statusOf(order: StoredOrder, now: Date): AcmeOrder['status'] {
  if (order.chainPem !== null) return 'valid';
  const statuses = order.authorizations.map(({ status }) => status);
  if (statuses.some((status) => status === 'invalid' || status === 'deactivated')) return 'invalid';
  if (isExpired(order, now)) return 'invalid';
  return statuses.every((status) => status === 'valid') ? 'ready' : 'pending';
}

/** One authorization as RFC 8555 7.1.4 shows it, with its one challenge. */
export function authorizationView(
  order: StoredOrder,
  index: number,
  authorization: StoredAuthorization,
  now: Date,
): AcmeAuthorization {
  const { name, token, status } = authorization;
  return {
    url: localUrl('authorization', order.id, index),
    status: status === 'pending' && isExpired(order, now) ? 'expired' : status,
    identifier: dns(name),
    isWildcard: false,
    challenges: [
      {
        url: localUrl('challenge', order.id, index),
        type: 'http-01',
        status: status === 'deactivated' ? 'invalid' : status,
        token,
        error: problemFor(authorization),
      },
    ],
    expiresAt: new Date(order.expiresAt),
    retryAt: null,
  };
}

/** RFC 8555 6.7: the type of problem that a failed validation is. */
export function problemCodeFor(code: DcvFailureCode | DnsFailureCode): string {
  if (/^(NXDOMAIN|NO_ADDRESS|DNS_)/.test(code)) return 'dns';
  return /^(CONNECTION_|UNREACHABLE)/.test(code) ? 'connection' : 'unauthorized';
}

function isExpired(order: StoredOrder, now: Date): boolean {
  return now.getTime() >= Date.parse(order.expiresAt);
}

function firstProblem(order: StoredOrder): AcmeProblem | null {
  const failed = order.authorizations.find(({ problem }) => problem !== null);
  return failed === undefined ? null : problemFor(failed);
}

function problemFor({ name, problem }: StoredAuthorization): AcmeProblem | null {
  return problem === null ? null : problemOf(problem.code, problem.detail, { identifier: dns(name) });
}

/** The local CA certifies host names only. */
function dns(value: string): Identifier {
  return { type: 'dns', value };
}
