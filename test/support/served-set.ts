import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { parseHostName } from '../../src/core/domain/names.js';
import type { BuiltTree } from './tree-builder.js';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g;

/** What is wrong with the files that servers read for a website, by node's own eyes; empty when all is well. */
export function faultsOfServedSet(
  built: BuiltTree,
  vhost: string,
  names: readonly string[],
  root: string,
): string[] {
  const path = built.tree.combined(parseHostName(vhost));
  const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : 'nothing');
  const faults: string[] = [];
  const expectThat = (isSo: boolean, what: string): void => {
    if (!isSo) faults.push(`${vhost}: ${what}`);
  };
  const combined = textOf(path);
  if (combined === 'nothing') return [`${vhost}: no combined`];
  expectThat((lstatSync(path).mode & 0o7777) === 0o600, 'combined is not 0600');
  const blocks = combined.match(CERTIFICATE) ?? [];
  const chain = blocks.map((block) => new X509Certificate(block));
  const [leaf] = chain;
  if (leaf === undefined) return [`${vhost}: no certificate`];
  expectThat(leaf.checkPrivateKey(createPrivateKey(combined)), 'the key is not the leaf’s');
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1] ?? new X509Certificate(root);
    expectThat(certificate.verify(issuer.publicKey), `certificate ${index} is not signed by the next`);
  }
  const covered = (leaf.subjectAltName ?? '').split(', ').map((name) => name.replace(/^DNS:/, ''));
  expectThat(covered.sort().join() === [...names].sort().join(), `covers ${covered.join()}`);
  expectThat(
    textOf(`${built.tree.websiteTls(parseHostName(vhost))}/certificates`) === blocks.join(''),
    'certificates differ',
  );
  for (const name of names) {
    const copy = `${built.tree.domainTls(parseHostName(name))}/combined`;
    expectThat(textOf(copy) === combined, `the copy of ${name} differs`);
  }
  return faults;
}
