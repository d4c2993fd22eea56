import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseIpIdentifier } from '../../../core/domain/name/names.js';

/** TCP_LISTEN in /proc/net/tcp (include/net/tcp_states.h). */
const LISTEN = '0A';

/**
 * `address:port` (`[address]:port`) of the TCP sockets on which a process listens, sorted, seen from its own network
 * namespace. Null when we may not look at its open files.
 */
export function listeningSocketsOf(pid: number): readonly string[] | null {
  try {
    const inodes = socketInodesOf(pid);
    const sockets = ['tcp', 'tcp6'].flatMap((table) => parseSocketTable(tableOf(pid, table), inodes));
    return [...new Set(sockets)].sort();
  } catch {
    return null;
  }
}

/** Inodes of the sockets that a process has open: a socket that is closed and opened again has another. @throws like readdir */
export function socketInodesOf(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

/** The listening sockets among the inodes, from the text of /proc/net/tcp or tcp6; pure. */
export function parseSocketTable(text: string, inodes: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    if (state !== LISTEN || !inodes.has(inode)) continue;
    const [address = '', port = ''] = local.split(':');
    found.push(`${addressOf(address)}:${Number.parseInt(port, 16)}`);
  }
  return found;
}

/** 32-bit words in the machine's own order, which is little-endian wherever this runs. */
function addressOf(digits: string): string {
  const octets = (digits.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (octets.length === 4) return octets.map((octet) => Number.parseInt(octet, 16)).join('.');
  return `[${parseIpIdentifier(octets.join('').match(/.{4}/g)?.join(':') ?? '::')}]`;
}

function tableOf(pid: number, table: string): string {
  try {
    return readFileSync(`/proc/${pid}/net/${table}`, 'latin1');
  } catch {
    // A kernel without IPv6.
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return '';
  }
}
