/** RFC 5321 4.5.3.1.3: a path of 256 octets, its brackets included. */
const MAX_ADDRESS_LENGTH = 254;
/**
 * Whom a message may go to: a user of this server, or `local@domain`. Mail servers give a meaning of their own to `|`, `/`, `%`
 * and `!` in a local part (pipes, files, routes), programs to a word that begins with `-`.
 */
const LOCAL_USER = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}$/;
const ADDRESS =
  /^[A-Za-z0-9_#$&'*+=?^{}~][A-Za-z0-9_#$&'*+=?^{}~.-]{0,63}@[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}.-]*[\p{L}\p{N}\p{M}])?$/u;

/** Whether the text can be nothing but one recipient: no header, no second address, no word for a program. */
export function isRecipient(text: string): boolean {
  if (text.length > MAX_ADDRESS_LENGTH || text.includes('..')) return false;
  return LOCAL_USER.test(text) || ADDRESS.test(text);
}
