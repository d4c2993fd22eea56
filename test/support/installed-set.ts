import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHostName } from '../../src/core/domain/name/names.js';
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
  /** Permission bits of `combined` and of its folder. */
  readonly mode: number;
  readonly folderMode: number;
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
    mode: lstatSync(path).mode & 0o7777,
    folderMode: lstatSync(join(path, '..')).mode & 0o7777,
  };
}

/** Whether what lies there only holds the place of a certificate. @throws Error like `installedSet` */
export function isPlaceholder(built: BuiltTree, vhost: string): boolean {
  return installedSet(built, vhost).leaf.subject?.includes('O=AutoSSL placeholder') ?? false;
}

/**
 * What is wrong with a website's set, in sentences: the pair, the modes, the names, and what `openssl verify` says of the
 * chain as it is served, given nothing but the CA's root. Empty when all is well.
 */
export function faultsOf(
  built: BuiltTree,
  vhost: string,
  wanted: readonly string[],
  rootPath: string,
): string[] {
  let set: InstalledSet;
  try {
    set = installedSet(built, vhost);
  } catch (error) {
    return [`${vhost}: ${String(error)}`];
  }
  const faults: string[] = [];
  if (!set.leaf.checkPrivateKey(set.key)) faults.push('the key is not that of the certificate');
  if (set.mode !== 0o600) faults.push(`combined has mode ${set.mode.toString(8)}`);
  if (set.folderMode !== 0o711) faults.push(`its folder has mode ${set.folderMode.toString(8)}`);
  if (set.names.join() !== [...wanted].sort().join()) faults.push(`it covers ${set.names.join(', ')}`);
  const served = join(built.tree.websiteTls(parseHostName(vhost)), 'certificates');
  const verified = verdictOf(['-CAfile', rootPath, '-untrusted', served, served]);
  if (!verified.endsWith(': OK')) faults.push(`openssl verify says ${verified}`);
  return faults.map((fault) => `${vhost}: ${fault}`);
}

function verdictOf(words: readonly string[]): string {
  try {
    return execFileSync('openssl', ['verify', ...words], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch (error) {
    return String(error);
  }
}
