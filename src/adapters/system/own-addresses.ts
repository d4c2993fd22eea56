import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { readTextFile } from './files/files.js';
import type { Tree } from './tree.js';

/** Addresses of this server's interfaces, and its documented main address. */
export async function readOwnAddresses(tree: Tree): Promise<string[]> {
  const own = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
  const main = (await readTextFile(tree.mainIp()).catch(() => undefined))?.trim() ?? '';
  return isIP(main) === 0 ? own : [...new Set([...own, main])];
}

/** `/var/cpanel/cpnat`: lines of local and public address, as address translation pairs them; public to local. */
export async function readTranslatedAddresses(tree: Tree): Promise<Map<string, string>> {
  const text = (await readTextFile(tree.at('/var/cpanel/cpnat')).catch(() => undefined)) ?? '';
  const pairs = text.split('\n').map((line) => line.trim().split(/\s+/));
  return new Map(
    pairs.flatMap(([local = '', outside = '']) =>
      isIP(local) !== 0 && isIP(outside) !== 0 ? [[outside, local] as const] : [],
    ),
  );
}
