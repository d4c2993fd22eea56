import { ipVersion } from '../domain/name/ip-version.js';
import { type DomainName, parseDomainName } from '../domain/name/names.js';
import { mayConnect } from './own-network.js';
import type { DcvPolicy } from './private-view.js';
import { isSpecialAddress } from './special-address.js';

/**
 * The host to which a CA would follow a redirect (BR 3.2.2.4.19: http and https, the authorised ports), or in a clause why it
 * would not. `ports`: that stand for 80 and 443 beside these. Addresses in a URL, however written, are refused: they may be
 * anybody's.
 */
export function judgeTarget(
  target: URL,
  ports: readonly number[],
): { readonly host: DomainName } | { readonly refused: string } {
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    return { refused: `scheme ${target.protocol.slice(0, -1)}` };
  }
  const port = portOf(target);
  if (![80, 443, ...ports].includes(port)) return { refused: `port ${port}` };
  const host = domainNameOf(target.hostname);
  return host === undefined ? { refused: 'its host is not a domain name' } : { host };
}

/**
 * The first of a redirect target's addresses to which validation must not be led, or undefined. One that is not of the
 * public internet is where the name itself lives (`nameAddress`, null when the name is asked somewhere else than at its
 * own addresses) and the policy lets us look, or it is refused.
 */
export function forbiddenAddress(
  addresses: readonly string[],
  nameAddress: string | null,
  policy: Pick<DcvPolicy, 'ownAddresses' | 'addressMap' | 'privateNetworks'>,
): string | undefined {
  return addresses.find(
    (address) =>
      isSpecialAddress(address) &&
      !policy.addressMap.has(address) &&
      !(address === nameAddress && mayConnect(address, policy)),
  );
}

/** The port that the URL means. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

function domainNameOf(hostname: string): DomainName | undefined {
  if (ipVersion(hostname) !== 0) return undefined;
  try {
    return parseDomainName(hostname);
  } catch {
    return undefined;
  }
}
