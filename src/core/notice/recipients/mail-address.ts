import { isRecipient } from '../delivery/recipient.js';

/** RFC 5321 4.5.3.1: 64 octets before the `@`, 255 after it, 254 that fit into a path. */
const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL_PART = 64;
/** RFC 5322 3.2.3 dot-atom; a host name or an A-label domain behind it. Never a quote, a comment, a blank or a route. */
const ADDRESS =
  /^([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Whether a text of outside is one plain mail address, that may stand in a header and be handed to any mail server. */
export function isMailAddress(text: string): boolean {
  const local = ADDRESS.exec(text)?.[1];
  return (
    local !== undefined &&
    text.length <= LONGEST_ADDRESS &&
    local.length <= LONGEST_LOCAL_PART &&
    isRecipient(text)
  );
}

/** Whether two of them reach the same mailbox for all that we know: case is ignored. */
export function isSameMailbox(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
