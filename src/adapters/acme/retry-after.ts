/** A CA's instant further off than this is a mistake of somebody's clock. */
const LONGEST_RETRY_AFTER_MS = 366 * 24 * 60 * 60_000;

/**
 * RFC 9110 section 10.2.3: seconds or an HTTP date, as an instant; null when absent or unreadable. Never more than a year
 * ahead, never before `receivedAt`.
 */
export function parseRetryAfter(header: string | undefined, receivedAt: Date): Date | null {
  const text = header?.trim() ?? '';
  if (text === '') return null;
  const at = /^[0-9]{1,10}$/.test(text) ? receivedAt.getTime() + Number(text) * 1000 : httpDate(text);
  if (Number.isNaN(at)) return null;
  const latest = receivedAt.getTime() + LONGEST_RETRY_AFTER_MS;
  return new Date(Math.min(Math.max(at, receivedAt.getTime()), latest));
}

/** Any of the three HTTP date forms names a month; a bare number or an ISO date is none. */
function httpDate(text: string): number {
  return /^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
}
