import { ConfigurationError } from './autossl-error.js';
import { ipVersion } from './name/ip-version.js';
import { quoteForMessage } from './name/names.js';

/** Where questions about DNS are sent. */
export interface DnsServer {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

/** RFC 1035 section 4.2. */
const DNS_PORT = 53;
const MAX_PORT = 65_535;

/** `address`, `address:port` or `[v6]:port`. @throws ConfigurationError BAD_SETTING */
export function parseDnsServer(text: string): DnsServer {
  if (ipVersion(text) !== 0) return { address: text, port: DNS_PORT };
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3] ?? DNS_PORT);
  if (ipVersion(address) === 0 || port < 1 || port > MAX_PORT) {
    throw new ConfigurationError(
      'BAD_SETTING',
      `${quoteForMessage(text)} is not a DNS server: expected an IP address, with “:port” if it is not ${DNS_PORT}`,
    );
  }
  return { address, port };
}
