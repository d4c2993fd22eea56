import type { DcvPolicy } from './private-view.js';
import { isOwnAddress } from './private-view.js';
import { isMachineLocal, isSpecialAddress } from './special-address.js';

/**
 * Whether validation may connect to an address that a name has. Who rules over a name's DNS must not use this server to
 * look around its own network: where no public CA would connect, neither do we, but for addresses by which this server
 * itself is reached and the networks that the administrator named.
 */
export function mayConnect(
  address: string,
  policy: Pick<DcvPolicy, 'ownAddresses' | 'addressMap' | 'privateNetworks'>,
): boolean {
  if (!isSpecialAddress(address)) return true;
  if (policy.privateNetworks.has(address)) return true;
  return !isMachineLocal(address) && isOwnAddress(address, policy);
}
