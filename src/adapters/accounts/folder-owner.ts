import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { isAccountName } from '../../core/domain/account/account-name.js';
import { documentRootFault, parseDocumentRoot } from '../../core/domain/account/document-root.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { DocumentRootFinding } from '../../core/plan/adoption/adoption-placement.js';
import { readTextFile } from '../system/files/files.js';
import { passwdNameOf } from '../system/passwd.js';
import type { Tree } from '../system/tree.js';
import { readSystemUser } from './system-user.js';

/** As the kernel: more links on the way are a loop. */
const MAX_LINKS = 40;

/**
 * Whose the folder at a real path is: its owner, where that is a person's user. A link on the way that belongs to somebody
 * else than root and the folder's owner makes it nobody's business of ours. In a private tree the folder lies in it. Never throws.
 */
export async function findFolderOwner(path: string, tree: Tree): Promise<DocumentRootFinding> {
  try {
    tree.assertInside(path);
    const documented = tree.documented(path);
    if (documented === undefined) return { state: 'refused', why: `it lies outside of ${tree.root}` };
    const fault = documentRootFault(documented);
    if (fault !== undefined) return { state: 'refused', why: fault };
    const root = parseDocumentRoot(documented);
    const { facts, linkOwners } = follow(path);
    if (facts === undefined) return { state: 'nobody', owner: 'does not exist', path: root };
    if (!facts.isDirectory()) return { state: 'refused', why: 'it is no folder' };
    const stranger = linkOwners.find((uid) => uid !== 0 && uid !== facts.uid);
    if (stranger !== undefined) {
      const [link, folder] = [await nameOf(stranger, tree), await nameOf(facts.uid, tree)];
      return { state: 'refused', why: `it is a link of ${link} to a folder of ${folder}` };
    }
    const owner = await nameOf(facts.uid, tree);
    const person = isAccountName(owner) ? await readSystemUser(tree, owner) : { state: 'absent' };
    if (isAccountName(owner) && person.state === 'person') {
      return { state: 'person', account: owner, path: root };
    }
    return { state: 'nobody', owner: `belongs to ${owner}`, path: root };
  } catch (error) {
    const why = error instanceof AutosslError ? error.message : reasonOf(error);
    return { state: 'refused', why };
  }
}

/** What lies at the path in the end, and whose the links on the way are. */
function follow(path: string): {
  readonly facts: Stats | undefined;
  readonly linkOwners: readonly number[];
} {
  const linkOwners: number[] = [];
  const rest = path.split(sep).filter((part) => part !== '');
  let at: string = sep;
  let facts: Stats | undefined = lstatSync(at);
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    const next = resolve(at, part);
    facts = lstatSync(next, { throwIfNoEntry: false });
    if (facts === undefined) return { facts, linkOwners };
    if (!facts.isSymbolicLink()) {
      at = next;
      continue;
    }
    linkOwners.push(facts.uid);
    if (linkOwners.length > MAX_LINKS) return { facts: undefined, linkOwners };
    const target = resolve(dirname(next), readlinkSync(next));
    rest.unshift(...target.split(sep).filter((one) => one !== ''));
    at = sep;
    facts = lstatSync(at);
  }
  return { facts, linkOwners };
}

async function nameOf(uid: number, tree: Tree): Promise<string> {
  const name =
    passwdNameOf(await readTextFile(tree.passwd()), uid) ??
    passwdNameOf(await readTextFile('/etc/passwd'), uid);
  return name ?? `the user ${uid}, who has no name`;
}
