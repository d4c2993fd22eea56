import type { HttpAnswer } from './transport.js';

/** A CA's instant further off than this is a mistake of somebody's clock. */
const LONGEST_RETRY_AFTER_MS = 366 * 24 * 60 * 60_000;

/**
 * RFC 9110 section 10.2.3: seconds or an HTTP date, as an instant of our clock; null when absent or unreadable. A date is
 * reckoned from the answer's own Date: the CA's clock may be another. Never more than a year ahead, never before the answer.
 */
export function retryAfterOf({
  headers,
  receivedAt,
}: Pick<HttpAnswer, 'headers' | 'receivedAt'>): Date | null {
  const text = headers['retry-after']?.trim() ?? '';
  if (text === '') return null;
  const delayMs = /^[0-9]{1,10}$/.test(text)
    ? Number(text) * 1000
    : httpDate(text) - saidAt(headers.date, receivedAt.getTime());
  if (Number.isNaN(delayMs)) return null;
  return new Date(receivedAt.getTime() + Math.min(Math.max(delayMs, 0), LONGEST_RETRY_AFTER_MS));
}

function saidAt(date: string | undefined, receivedAt: number): number {
  const at = httpDate(date ?? '');
  return Number.isNaN(at) ? receivedAt : at;
}

/** Any of the three HTTP date forms names a month; a bare number or an ISO date is none. The third one names no zone: UTC. */
function httpDate(text: string): number {
  if (!/^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/.test(text)) return Number.NaN;
  return Date.parse(/ \d{4}$/.test(text) ? `${text} GMT` : text);
}
