import type { Validity } from '../judge.js';

/** When a CA wants a certificate to be replaced (RFC 9773 section 4.2). */
export interface SuggestedWindow {
  readonly startAt: Date;
  readonly endAt: Date;
  /** Where the CA explains it, an http(s) URL of printable characters; null = nowhere. */
  readonly explanationUrl: string | null;
}

/** No CA's URL comes near it; records and mails hold it. */
const LONGEST_URL = 500;
/** RFC 3339 with a zone: without one it would be read as local time. */
const INSTANT = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/**
 * What a renewal information resource says, or one clause about why it cannot be used. A window that ends before it begins is
 * none (RFC 9773 section 4.2), and so is one that begins when the certificate has expired, or that is
 * longer than its life: an instant before it would be drawn. An explanation that is no web address is left out.
 */
export function parseSuggestedWindow(
  value: unknown,
  { notBefore, notAfter }: Validity,
): SuggestedWindow | { readonly fault: string } {
  const window = isObject(value) ? value['suggestedWindow'] : undefined;
  if (!isObject(value) || !isObject(window)) return { fault: 'it names no suggestedWindow' };
  const startAt = instantOf(window['start']);
  const endAt = instantOf(window['end']);
  if (startAt === null || endAt === null) return { fault: 'its window has no start and end (RFC 3339)' };
  if (endAt <= startAt) return { fault: 'its window ends before it begins' };
  if (startAt >= notAfter) return { fault: 'its window begins when the certificate has expired' };
  if (startAt <= notBefore && endAt >= notAfter)
    return { fault: 'its window is longer than the certificate lives' };
  return { startAt, endAt, explanationUrl: webUrlOf(value['explanationURL']) };
}

function instantOf(value: unknown): Date | null {
  if (typeof value !== 'string' || !INSTANT.test(value)) return null;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? null : at;
}

function webUrlOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > LONGEST_URL || !/^[\u0021-\u007e]+$/.test(value))
    return null;
  try {
    const { protocol, username, password } = new URL(value);
    const isWeb = protocol === 'https:' || protocol === 'http:';
    return isWeb && username === '' && password === '' ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
