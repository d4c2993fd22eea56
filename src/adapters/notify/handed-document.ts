import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';

/** What webhooks and commands are given: one line of JSON, everything but the HTML. Documented in the README. */
export function handedDocument(message: OutgoingMessage): string {
  const { schemaVersion, id, audience, account, to, subject, text, document, createdAt } = message;
  return JSON.stringify({ schemaVersion, id, audience, account, to, subject, text, createdAt, document });
}
