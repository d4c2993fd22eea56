import { isIP } from 'node:net';

/** Four octets in decimal, none with a leading zero. */
const IPV4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/**
 * Of which version an address is, 0 for what is none: the answer of node's `isIP`, whose pattern for IPv6 takes milliseconds
 * to compile. What has no colon is not asked about there: names, that is nearly all.
 */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (!text.includes(':')) return IPV4.test(text) ? 4 : 0;
  return isIP(text) === 6 ? 6 : 0;
}
