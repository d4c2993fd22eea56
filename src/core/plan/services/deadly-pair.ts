/** Of which certificate a service's daemon died last, when it was told to take it. */
export interface DeathNote {
  /** Fingerprint of the leaf. */
  readonly fingerprint: string;
  /** ISO instant. */
  readonly at: string;
}

const DAY_MS = 86_400_000;
/** Days until the same certificate is tried again: a daemon may have died of something else, and mail must not stop each night. */
const TRIED_AGAIN_AFTER_DAYS = 7;

/** Until when a certificate is not given to the daemon again; null: it may be given now. */
export function spareUntil(note: DeathNote | null, fingerprint: string, now: Date): Date | null {
  if (note === null || note.fingerprint !== fingerprint) return null;
  const diedAt = Date.parse(note.at);
  const until = new Date(diedAt + TRIED_AGAIN_AFTER_DAYS * DAY_MS);
  // A note of the future says that a clock was wrong.
  return diedAt <= now.getTime() && now < until ? until : null;
}
