import { getDomain } from 'tldts';

/**
 * The registered domain of a name as CAs count by it: one label below its public suffix, private suffixes (`github.io`)
 * included. A name that is a public suffix itself, and an address, stand for themselves. Loads the public suffix list: reach
 * it by a lazy import.
 */
export function registeredDomainOf(name: string): string {
  const plain = name.replace(/^\*\./, '');
  return (
    getDomain(plain, { allowPrivateDomains: true, extractHostname: false, validateHostname: false }) ?? plain
  );
}
