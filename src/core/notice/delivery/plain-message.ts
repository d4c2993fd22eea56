import { createHash } from 'node:crypto';
import type { OutgoingMessage } from '../outgoing-message.js';

/** 64 bits: nobody looks for two with the same. */
const DIGEST_CHARACTERS = 16;

/**
 * A message to an administrator that is nothing but lines. `kind`: what it is about, letters and `-`; its id is made of what it
 * says and when.
 */
export function plainMessage(
  kind: string,
  to: string,
  { subject, lines }: { readonly subject: string; readonly lines: readonly string[] },
  now: Date,
): OutgoingMessage {
  const createdAt = now.toISOString();
  const text = `${lines.join('\n')}\n`;
  const digest = createHash('sha256')
    .update(JSON.stringify([createdAt, to, subject, text]))
    .digest('hex');
  return {
    schemaVersion: 1,
    id: `${kind}-${digest.slice(0, DIGEST_CHARACTERS)}`,
    audience: 'administrator',
    account: null,
    to,
    subject,
    text,
    html: '',
    document: { schemaVersion: 1, kind },
    createdAt,
  };
}
