import { hostname } from 'node:os';
import { readTextFile } from './files/files.js';
import type { Tree } from './tree.js';

/** More than any name has (RFC 1035: 253, the kernel: 64), so that a longer one is refused as such and not repeated whole. */
const MAX_CHARACTERS = 300;

/**
 * What this machine calls itself: in a private tree its `etc/hostname`, else the kernel's name. A single label is
 * completed by the full name that stands beside it in `etc/hosts`, as `hostname -f` does. Empty where there is none;
 * nothing is judged here.
 */
export async function readHostName(tree: Tree): Promise<string> {
  const written = tree.isPrivate ? firstLine(await readTextFile(tree.hostname())) : hostname();
  const own = written.slice(0, MAX_CHARACTERS);
  if (own === '' || own.includes('.')) return own;
  return fullNameIn((await readTextFile(tree.hosts())) ?? '', own) ?? own;
}

/** hosts(5): address, then the canonical name and its aliases. */
function fullNameIn(hosts: string, label: string): string | undefined {
  for (const line of hosts.split('\n')) {
    const [, ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (!names.some((name) => name.toLowerCase() === label.toLowerCase())) continue;
    const full = names.find((name) => name.toLowerCase().startsWith(`${label.toLowerCase()}.`));
    if (full !== undefined) return full;
  }
  return undefined;
}

/** hostname(5): blank lines and lines that begin with `#` mean nothing. */
function firstLine(text: string | undefined): string {
  const lines = (text ?? '').split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !line.startsWith('#')) ?? '';
}
