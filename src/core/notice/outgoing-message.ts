import type { NoticeAudience } from '../domain/notice-level.js';

/**
 * One message to one recipient about one run, as it waits on disk until every channel has taken it. `text` and `html` are
 * whole bodies (LF, outside text escaped); `document` is what webhooks and commands are given.
 */
export interface OutgoingMessage {
  readonly schemaVersion: 1;
  /**
   * Stable for what is told (recipient and state told): queued again after a crash it is the same message. Letters, digits,
   * `-`; also the left half of the Message-ID.
   */
  readonly id: string;
  readonly audience: NoticeAudience;
  /** The account it is about when it goes to an account's owner; null for administrators. */
  readonly account: string | null;
  /** A mail address, or a local user; as the settings or the users file say, checked. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Plain JSON with `schemaVersion`. */
  readonly document: unknown;
  /** ISO instant. */
  readonly createdAt: string;
}
