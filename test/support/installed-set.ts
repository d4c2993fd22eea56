import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHostName } from '../../src/core/domain/names.js';
import { faultsOfServedSet } from './served-set.js';
import type { BuiltTree } from './tree-builder.js';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g;

/** What servers read for a website, by node's own eyes. */
export interface InstalledSet {
  readonly key: ReturnType<typeof createPrivateKey>;
  /** Leaf first. */
  readonly chain: readonly X509Certificate[];
  readonly leaf: X509Certificate;
  /** Sorted. */
  readonly names: readonly string[];
}

/** @throws Error when there is none, or none that can be read */
export function installedSet(built: BuiltTree, vhost: string): InstalledSet {
  const path = built.tree.combined(parseHostName(vhost));
  const pem = readFileSync(path, 'utf8');
  const chain = (pem.match(CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
  const [leaf] = chain;
  if (leaf === undefined) throw new Error(`${vhost}: no certificate`);
  return {
    key: createPrivateKey(pem),
    chain,
    leaf,
    names: (leaf.subjectAltName ?? '')
      .split(', ')
      .map((name) => name.replace(/^DNS:/, ''))
      .sort(),
  };
}

/**
 * What is wrong with the files that servers read for a website, in sentences: the pair, the modes, the names, the derived
 * files, and what `openssl verify` says of the chain as it is served, given nothing but the CA's root. Empty when all is
 * well.
 */
export function faultsOf(
  built: BuiltTree,
  vhost: string,
  wanted: readonly string[],
  rootPath: string,
): string[] {
  const faults = faultsOfServedSet(built, vhost, wanted, readFileSync(rootPath, 'utf8'));
  const folder = built.tree.websiteTls(parseHostName(vhost));
  if (!existsSync(folder)) return faults;
  const mode = lstatSync(folder).mode & 0o7777;
  if (mode !== 0o711) faults.push(`${vhost}: its folder has mode ${mode.toString(8)}`);
  const served = join(folder, 'certificates');
  const verdict = verdictOf(['-CAfile', rootPath, '-untrusted', served, served]);
  if (!verdict.endsWith(': OK')) faults.push(`${vhost}: openssl verify says ${verdict}`);
  return faults;
}

function verdictOf(words: readonly string[]): string {
  try {
    return execFileSync('openssl', ['verify', ...words], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch (error) {
    return String(error);
  }
}
