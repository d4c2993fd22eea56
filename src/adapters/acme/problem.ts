import { problemOf } from '../../core/order/problem-type.js';
import type { AcmeProblem, Identifier } from '../../core/order/resources.js';
import { badAnswer, excerpt } from './fields.js';
import { linksOf } from './link-header.js';
import { retryAfterOf } from './retry-after.js';
import type { HttpAnswer } from './transport.js';

/** One order cannot have more names at any CA (protocol C4). */
const MOST_SUBPROBLEMS = 1000;
/** A CA's sentence; what is longer is cut. */
const LONGEST_DETAIL = 2000;

/**
 * The refusal in an answer with an error status. What is no problem document but plainly overload or breakdown (429, 5xx)
 * becomes a problem too, and so does a bare 404 or 410 of what the CA itself once named (`isResourceRead`): it no longer
 * has it. Any other page is not ACME. @throws AcmeProtocolError BAD_ANSWER
 */
export function problemOfAnswer(
  answer: HttpAnswer,
  host: string,
  path: string,
  isResourceRead = false,
): AcmeProblem {
  const retryAt = retryAfterOf(answer);
  const value = jsonOf(answer.body);
  const isProblem = isObject(value) && typeof value['type'] === 'string';
  if (isProblem) {
    const problem = readProblem(value, answer.status);
    const help = linksOf(linkHeaders(answer), 'help')[0];
    return { ...problem, retryAt, helpUrl: asWebUrl(problem.helpUrl ?? help ?? null) };
  }
  if (answer.status === 429 || answer.status >= 500) {
    return problemOf(
      answer.status === 429 ? 'rateLimited' : 'serverInternal',
      `HTTP status ${answer.status}`,
      {
        status: answer.status,
        retryAt,
      },
    );
  }
  if (isResourceRead && (answer.status === 404 || answer.status === 410)) {
    return problemOf('malformed', `HTTP status ${answer.status}: no longer there`, {
      status: answer.status,
      retryAt,
    });
  }
  throw badAnswer(
    `the CA at ${host} answered ${path} with status ${answer.status} and something that is not an ACME problem: ${excerpt(answer.body)}`,
  );
}

/** A problem document as found inside an order or a challenge; null when there is none. */
export function embeddedProblem(value: unknown): AcmeProblem | null {
  return isObject(value) ? readProblem(value, null) : null;
}

/** RFC 7807 and RFC 8555 section 6.7.1; what is missing or of a wrong kind is left out: an error report is never refused. */
function readProblem(
  value: Readonly<Record<string, unknown>>,
  status: number | null,
  depth = 0,
): AcmeProblem {
  const text = (member: string): string | null => {
    const found = value[member];
    return typeof found === 'string' ? found.slice(0, LONGEST_DETAIL) : null;
  };
  const parts = value['subproblems'];
  return {
    type: text('type') ?? 'about:blank',
    detail: text('detail') ?? text('title') ?? '',
    status: typeof value['status'] === 'number' ? value['status'] : status,
    identifier: identifierOf(value['identifier']),
    subproblems:
      depth === 0 && Array.isArray(parts)
        ? parts
            .slice(0, MOST_SUBPROBLEMS)
            .filter(isObject)
            .map((part) => readProblem(part, null, 1))
        : [],
    retryAt: null,
    helpUrl: asWebUrl(text('instance')),
  };
}

function identifierOf(value: unknown): Identifier | null {
  if (!isObject(value) || typeof value['value'] !== 'string') return null;
  if (value['type'] !== 'dns' && value['type'] !== 'ip') return null;
  return { type: value['type'], value: value['value'] };
}

/** Only what a person could open in a browser; RFC 8555 lets `instance` be a relative or opaque URI too. */
function asWebUrl(text: string | null): string | null {
  return text !== null && /^https?:\/\/[\u0021-\u007e]+$/.test(text) ? text : null;
}

export function linkHeaders(answer: HttpAnswer): readonly string[] {
  const link: string | readonly string[] | undefined = answer.headers['link'];
  return link === undefined ? [] : typeof link === 'string' ? [link] : link;
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
