import type { Validity } from '../judge.js';
import { spreadShareOf, WINDOW_SPREAD } from '../spread.js';
import type { StoredRenewalInfo } from '../verdict.js';
import type { SuggestedWindow } from './suggested-window.js';

/** Random bytes that one drawing takes. */
export const DRAWING_BYTES = 6;

/**
 * Draws the renewal instant of a window that was not seen before, uniformly and once (RFC 9773 section 4.2). Earlier by the
 * website's own offset (up to a tenth of the life), unless that leads before `seenAt`: windows of certificates issued together keep together for ever.
 * A window that reaches beyond the expiry is drawn from up to there. @param random DRAWING_BYTES bytes
 */
export function drawInstant(
  window: SuggestedWindow,
  validity: Validity,
  website: string,
  seenAt: Date,
  random: Uint8Array,
): StoredRenewalInfo {
  const begin = window.startAt.getTime();
  const end = Math.min(window.endAt.getTime(), validity.notAfter.getTime());
  const drawn = begin + fractionOf(random) * (end - begin);
  const life = Math.max(0, validity.notAfter.getTime() - validity.notBefore.getTime());
  const share = spreadShareOf(website, validity.notAfter, WINDOW_SPREAD);
  const earlier = drawn - share * life * WINDOW_SPREAD.ofLife;
  return {
    selectedAt: new Date(Math.floor(earlier > seenAt.getTime() ? earlier : drawn)),
    windowStartAt: window.startAt,
    windowEndAt: window.endAt,
    firstSeenAt: seenAt,
    explanationUrl: window.explanationUrl,
  };
}

/** Whether it is the window that was drawn from already. */
export function isSameWindow(stored: StoredRenewalInfo, window: SuggestedWindow): boolean {
  return (
    stored.windowStartAt.getTime() === window.startAt.getTime() &&
    stored.windowEndAt.getTime() === window.endAt.getTime()
  );
}

/** In [0, 1). */
function fractionOf(bytes: Uint8Array): number {
  let value = 0;
  for (let place = DRAWING_BYTES - 1; place >= 0; place -= 1) value = (value + (bytes[place] ?? 0)) / 256;
  return value;
}
