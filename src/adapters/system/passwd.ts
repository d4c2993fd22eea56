import { readTextFile } from './files/files.js';
import type { Tree } from './tree.js';

/** login.defs(5): below are the system's own users, unless the file says otherwise. */
const DEFAULT_UID_MIN = 1000;

/** A user as far as files are given to it. */
export interface PasswdEntry {
  readonly uid: number;
  readonly gid: number;
  readonly home: string | null;
}

/** passwd(5), first entry of the name; ids must be plain decimal numbers. */
export function passwdEntryOf(text: string | undefined, account: string): PasswdEntry | undefined {
  const line = (text ?? '').split('\n').find((candidate) => candidate.startsWith(`${account}:`));
  if (line === undefined) return undefined;
  const [, , uid = '', gid = '', , home = ''] = line.split(':');
  if (!/^\d{1,10}$/.test(uid) || !/^\d{1,10}$/.test(gid)) return undefined;
  return { uid: Number(uid), gid: Number(gid), home: home.startsWith('/') ? home : null };
}

/** passwd(5): the first user with this uid. */
export function passwdNameOf(text: string | undefined, uid: number): string | undefined {
  for (const line of (text ?? '').split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    if (/^\d{1,10}$/.test(id) && Number(id) === uid && name !== '') return name;
  }
  return undefined;
}

/** The least uid of a person's account: the tree's login.defs, else the system's. */
export async function readUidMin(tree: Tree): Promise<number> {
  const text = (await readTextFile(tree.loginDefs())) ?? (await readTextFile('/etc/login.defs')) ?? '';
  return parseUidMin(text);
}

/** login.defs(5); decimal, octal or hexadecimal as shadow reads it. Never below 1. */
export function parseUidMin(text: string): number {
  const value = /^[ \t]*UID_MIN[ \t]+(\S+)/m.exec(text)?.[1];
  if (value === undefined) return DEFAULT_UID_MIN;
  const number = /^0[0-7]+$/.test(value) ? Number.parseInt(value, 8) : Number(value);
  return Number.isSafeInteger(number) && number >= 1 ? number : DEFAULT_UID_MIN;
}

/** The gid of a group: the tree's group file, else the system's; undefined when there is none. */
export async function readGroupId(tree: Tree, group: string): Promise<number | undefined> {
  return (
    groupIdOf(await readTextFile(tree.group()), group) ?? groupIdOf(await readTextFile('/etc/group'), group)
  );
}

/** group(5): the gid of the group's first entry; undefined when there is none. */
export function groupIdOf(text: string | undefined, group: string): number | undefined {
  const line = (text ?? '').split('\n').find((candidate) => candidate.startsWith(`${group}:`));
  const gid = line?.split(':')[2] ?? '';
  return /^\d{1,10}$/.test(gid) ? Number(gid) : undefined;
}
