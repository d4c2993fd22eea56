import { join } from 'node:path';
import type { CaAccount } from '../../runs/ports/authority.js';
import type { RandomSource } from '../../runs/ports/clock.js';
import { ensureFolder, readTextFile, writeFileAtomically } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';

/** As an RFC 7638 thumbprint: 256 bits in base64url. */
const THUMBPRINT_BYTES = 32;
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/**
 * The one account at the local CA. No messages are signed inside one program, so there is no key: the thumbprint is
 * chance, made once, and a key authorization is as hard to guess as at any other CA. @throws StateError
 */
export async function openAccountFile(tree: Tree, random: RandomSource): Promise<CaAccount> {
  const path = join(tree.localCa(), 'account-thumbprint');
  const known = (await readTextFile(path))?.trim() ?? '';
  if (THUMBPRINT.test(known)) return { url: 'local-ca:account', keyThumbprint: known };
  const keyThumbprint = Buffer.from(random.bytes(THUMBPRINT_BYTES)).toString('base64url');
  await ensureFolder(tree.localCa(), 0o700);
  await writeFileAtomically(path, `${keyThumbprint}\n`, { mode: 0o600 });
  return { url: 'local-ca:account', keyThumbprint };
}
