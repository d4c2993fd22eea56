import type { OutgoingMessage } from '../../src/core/notice/outgoing-message.js';

/** A message to root about a run, with plain and HTML parts. */
export function aMessage(more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    schemaVersion: 1,
    id: 'told-0123456789abcdef',
    audience: 'administrator',
    account: null,
    to: 'root',
    subject: 'Two certificates of example.com',
    text: 'Two certificates were renewed.\n',
    html: '<p>Two certificates were renewed.</p>\n',
    document: { schemaVersion: 1, kind: 'test' },
    createdAt: '2026-11-22T01:02:03.000Z',
    ...more,
  };
}
