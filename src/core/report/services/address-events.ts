import { type IpIdentifier, printable } from '../../domain/name/names.js';
import type { WebsiteRef } from '../../domain/website/website.js';
import type { RunEvent } from '../events/event.js';

/** Addresses of this server that its certificate will not name. `why`: one printable clause. */
export function addressesLeftOut(
  { account, vhost }: WebsiteRef,
  addresses: readonly IpIdentifier[],
  why: string,
): RunEvent {
  return {
    type: 'warn',
    code: 'ADDRESSES_LEFT_OUT',
    indent: 1,
    account,
    vhost,
    contents: `The certificate for ${printable(vhost)} will not name ${addresses.join(', ')}: ${why}.`,
    data: { addresses },
  };
}
