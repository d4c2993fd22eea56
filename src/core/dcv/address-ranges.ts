import { BlockList } from 'node:net';
import { ipVersion } from '../domain/name/ip-version.js';

/** Networks by which addresses are told apart, IPv4 and IPv6 strictly by themselves. */
export class AddressRanges {
  // One list for each family: in a shared one ::ffff:0:0/96 would also match every plain IPv4 address.
  readonly #ipv4 = new BlockList();
  readonly #ipv6 = new BlockList();

  /** @throws TypeError for what `isNetwork` does not take */
  constructor(networks: Iterable<string>) {
    for (const network of networks) {
      const parsed = parseNetwork(network);
      if (parsed === undefined) throw new TypeError(`${network} is no network`);
      const { address, bits, family } = parsed;
      if (family === 4) this.#ipv4.addSubnet(address, bits, 'ipv4');
      else this.#ipv6.addSubnet(address, bits, 'ipv6');
    }
  }

  /** False for what is no address. */
  has(address: string): boolean {
    const family = ipVersion(address);
    if (family === 4) return this.#ipv4.check(address, 'ipv4');
    return family === 6 && this.#ipv6.check(address, 'ipv6');
  }
}

/** Whether the text names a network, as `10.0.0.0/8` or `fd00::/8`, or one address. */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

const LONGEST_PREFIX = { 4: 32, 6: 128 } as const;

function parseNetwork(text: string) {
  const [, address = '', prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = ipVersion(address);
  if (family !== 4 && family !== 6) return undefined;
  const bits = Number(prefix ?? LONGEST_PREFIX[family]);
  return bits > LONGEST_PREFIX[family] ? undefined : { address, bits, family };
}
