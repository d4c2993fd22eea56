import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { passwdEntryOf, passwdNameOf } from '../system/passwd.js';

/** A user, as far as files are opened to it. */
export interface FileReader {
  readonly uid: number;
  readonly gids: ReadonlySet<number>;
}

/** The user by name or number, with all its groups; `passwd`, `group`: the texts of these files. Undefined when there is none. */
export function readerNamed(nameOrUid: string, passwd: string, group: string): FileReader | undefined {
  const isNumber = /^\d{1,10}$/.test(nameOrUid);
  const name = isNumber ? (passwdNameOf(passwd, Number(nameOrUid)) ?? '') : nameOrUid;
  const entry = name === '' ? undefined : passwdEntryOf(passwd, name);
  if (entry === undefined) return undefined;
  const more = group.split('\n').flatMap((line) => {
    const [, , gid = '', members = ''] = line.split(':');
    return /^\d{1,10}$/.test(gid) && members.trim().split(',').includes(name) ? [Number(gid)] : [];
  });
  return { uid: entry.uid, gids: new Set([entry.gid, ...more]) };
}

/** Whether the file is there and the user may not read it, by the modes of it and all folders above (links followed). */
export function unreadableFor(reader: FileReader, path: string): boolean {
  try {
    if (!allows(reader, path, 4)) return true;
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      if (!allows(reader, folder, 1)) return true;
      if (folder === dirname(folder)) return false;
    }
  } catch {
    // A missing file is somebody else's finding.
    return false;
  }
}

function allows({ uid, gids }: FileReader, path: string, bit: 4 | 1): boolean {
  if (uid === 0) return true;
  const facts = statSync(path);
  const shift = facts.uid === uid ? 6 : gids.has(facts.gid) ? 3 : 0;
  return ((facts.mode >> shift) & bit) !== 0;
}
