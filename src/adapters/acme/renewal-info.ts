import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import type { RenewalAnswer } from '../../core/renewal/information/renewal-record.js';
import { retryAfterOf } from './retry-after.js';
import type { HttpAnswer } from './transport.js';

/** RFC 9773 section 4.1: two base64url texts; it becomes a part of a URL. */
const CERTIFICATE_ID = /^[A-Za-z0-9_-]{1,100}\.[A-Za-z0-9_-]{1,100}$/;
/** The answer is an object with two members. */
const LARGEST_ANSWER_BYTES = 16 * 1024;
const JSON_TYPES = /^application\/(?:[a-z0-9.-]+\+)?json\s*(?:;|$)/i;
/** Errors of a connection that will be the same in a minute (RFC 9773 section 4.3.3). */
const LASTING_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'ECONNREFUSED']);

/** Where the renewal information of a certificate is; null for what is no certificate id. */
export function renewalInfoUrl(base: string, certificateId: string): string | null {
  if (!CERTIFICATE_ID.test(certificateId)) return null;
  return `${base}${base.endsWith('/') ? '' : '/'}${certificateId}`;
}

/** What an answer's status, type and body come to. */
export function renewalAnswerOf(answer: HttpAnswer): RenewalAnswer {
  const { status, headers, body } = answer;
  const retryAt = retryAfterOf(answer);
  const lasting = (why: string): RenewalAnswer => ({ state: 'lasting', retryAt, why });
  if (status >= 500) return { state: 'temporary', retryAt, why: `it answered with status ${status}` };
  if (status !== 200) return lasting(`it answered with status ${status}`);
  const type = headers['content-type'] ?? '';
  if (!JSON_TYPES.test(type)) return lasting(`it answered with ${quoteForMessage(type)}, not with JSON`);
  if (body.length > LARGEST_ANSWER_BYTES)
    return lasting(`its answer is longer than ${LARGEST_ANSWER_BYTES} bytes`);
  try {
    return { state: 'said', value: JSON.parse(body.toString('utf8')), retryAt };
  } catch {
    return lasting('its answer is not JSON');
  }
}

/** The same of an exchange that failed; what tells us to stop is thrown on. @throws what is no failure of the exchange */
export function renewalFaultOf(error: unknown): RenewalAnswer {
  if (!(error instanceof AcmeProtocolError) || error.code === 'ABORTED') throw error;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  const isTemporary =
    error.code === 'TIMED_OUT' || (error.code === 'UNREACHABLE' && !LASTING_CODES.has(code ?? ''));
  return { state: isTemporary ? 'temporary' : 'lasting', retryAt: error.retryAt ?? null, why: error.message };
}
