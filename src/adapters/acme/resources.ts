import type { AcmeAuthorization, AcmeChallenge, AcmeOrder, Identifier } from '../../core/order/resources.js';
import type { UrlRule } from './ca-url.js';
import { badAnswer, excerpt, Fields } from './fields.js';
import { embeddedProblem } from './problem.js';
import { retryAfterOf } from './retry-after.js';
import type { HttpAnswer } from './transport.js';

/** Above every CA's names per order (protocol C4). */
const MOST_IDENTIFIERS = 1000;
const MOST_CHALLENGES = 32;
/** RFC 8555 section 8.3: base64url; the length is ours, it becomes a file name. */
const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;
const CHALLENGES_WITH_TOKEN = new Set(['http-01', 'dns-01', 'tls-alpn-01']);

/** The JSON of an answer. @throws AcmeProtocolError BAD_ANSWER naming the path and the start of what came instead */
export function jsonOfAnswer(answer: HttpAnswer, host: string, path: string): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    throw badAnswer(
      `the CA at ${host} answered ${path} with something that is not JSON (status ${answer.status}): ${excerpt(answer.body)}`,
    );
  }
}

/** RFC 8555 section 7.1.3. @throws AcmeProtocolError BAD_ANSWER */
export function parseOrder(value: unknown, url: string, answer: HttpAnswer, rule: UrlRule): AcmeOrder {
  const fields = new Fields(value, `the order sent by ${rule.host}`);
  const certificate = fields.optionalText('certificate');
  return {
    url,
    status: fields.oneOf('status', ['pending', 'ready', 'processing', 'valid', 'invalid']),
    expiresAt: fields.instant('expires'),
    identifiers: fields
      .list('identifiers', MOST_IDENTIFIERS)
      .map((one) => parseIdentifier(one, `an identifier of the order sent by ${rule.host}`)),
    authorizations: fields
      .list('authorizations', MOST_IDENTIFIERS)
      .map((one) =>
        typeof one === 'string'
          ? rule.accept(one, 'an authorization')
          : fields.refuse('authorizations', 'a list of URLs'),
      ),
    finalize: rule.accept(fields.text('finalize'), 'finalize'),
    certificate: certificate === null ? null : rule.accept(certificate, 'certificate'),
    error: fields.has('error') ? embeddedProblem((value as { error: unknown }).error) : null,
    retryAt: retryAfterOf(answer),
  };
}

/** RFC 8555 section 7.1.4. @throws AcmeProtocolError BAD_ANSWER */
export function parseAuthorization(
  value: unknown,
  url: string,
  answer: HttpAnswer,
  rule: UrlRule,
): AcmeAuthorization {
  const where = `the authorization sent by ${rule.host}`;
  const fields = new Fields(value, where);
  return {
    url,
    status: fields.oneOf('status', ['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked']),
    identifier: parseIdentifier((value as { identifier: unknown }).identifier, `“identifier” of ${where}`),
    isWildcard: fields.flag('wildcard'),
    challenges: fields
      .list('challenges', MOST_CHALLENGES)
      .flatMap((one) => parseChallenge(one, `a challenge of ${where}`, rule) ?? []),
    expiresAt: fields.instant('expires'),
    retryAt: retryAfterOf(answer),
  };
}

/** RFC 8555 section 7.1.5; undefined for a type that we do not know (its form is its own). */
function parseChallenge(value: unknown, where: string, rule: UrlRule): AcmeChallenge | undefined {
  const fields = new Fields(value, where);
  const type = fields.text('type');
  if (!CHALLENGES_WITH_TOKEN.has(type)) return undefined;
  const token = fields.text('token');
  return {
    url: rule.accept(fields.text('url'), 'a challenge'),
    type,
    status: fields.oneOf('status', ['pending', 'processing', 'valid', 'invalid']),
    token: TOKEN.test(token) ? token : fields.refuse('token', 'base64url text of at most 128 characters'),
    error: fields.has('error') ? embeddedProblem((value as { error: unknown }).error) : null,
  };
}

function parseIdentifier(value: unknown, where: string): Identifier {
  const fields = new Fields(value, where);
  return { type: fields.oneOf('type', ['dns', 'ip']), value: fields.text('value') };
}
