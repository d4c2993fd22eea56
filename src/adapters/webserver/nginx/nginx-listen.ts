import { ipVersion } from '../../../core/domain/name/ip-version.js';

/** What one `listen` directive says. */
export interface NginxListen {
  readonly address: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly isDefault: boolean;
  readonly wantsProxyHeader: boolean;
}

const DEFAULT_PORT = 80;
const MAX_PORT = 65_535;
/** `listen 8000-9000` opens as many sockets; more than this is left out. */
const MAX_RANGE = 1000;

/** The TCP sockets of a `listen` directive's words; none for Unix sockets, QUIC (UDP) and what is no address. */
export function readNginxListen(words: readonly string[]): readonly NginxListen[] {
  const [target = '', ...flags] = words;
  if (target.startsWith('unix:') || flags.includes('quic')) return [];
  const parts = takeApart(target);
  if (parts === undefined) return [];
  const isForBoth = parts.address === '::' && flags.includes('ipv6only=off');
  return parts.ports.map((port) => ({
    address: isForBoth ? '*' : parts.address,
    port,
    isTls: flags.includes('ssl'),
    isDefault: flags.includes('default_server') || flags.includes('default'),
    wantsProxyHeader: flags.includes('proxy_protocol'),
  }));
}

function takeApart(
  target: string,
): { readonly address: string; readonly ports: readonly number[] } | undefined {
  const [, bracketed, host, range] =
    /^(?:\[([^\]]*)\]|([^:[\]]*?))(?::?([0-9]+(?:-[0-9]+)?))?$/.exec(shaped(target)) ?? [];
  const address = bracketed ?? (host === '' || host === '*' ? '0.0.0.0' : host);
  if (address === undefined || (bracketed !== undefined && ipVersion(bracketed) !== 6)) return undefined;
  const ports = portsOf(range);
  return ports === undefined ? undefined : { address: address.toLowerCase(), ports };
}

/** Digits alone are a port; `[…]` and addresses without one have the default. */
function shaped(target: string): string {
  if (/^[0-9]+(-[0-9]+)?$/.test(target)) return `*:${target}`;
  return /:[0-9]+(-[0-9]+)?$/.test(target.replace(/\[[^\]]*\]/, '')) ? target : `${target}:${DEFAULT_PORT}`;
}

function portsOf(range = ''): readonly number[] | undefined {
  const [from = 0, to = from] = range.split('-').map(Number);
  if (from < 1 || to > MAX_PORT || to < from || to - from >= MAX_RANGE) return undefined;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
