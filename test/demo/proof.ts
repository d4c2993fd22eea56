import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { parseHostName } from '../../src/core/domain/name/names.js';
import type { BuiltTree } from '../support/tree-builder.js';
import { DEMO_WEBSITES, type DemoWebsite } from './websites.js';

const run = promisify(execFile);

/** Fingerprints of the certificates on disk, by website; null = none. */
export type Fingerprints = ReadonlyMap<string, string | null>;

export function fingerprintsOf(built: BuiltTree): Fingerprints {
  return new Map(
    DEMO_WEBSITES.map(({ vhost }) => [vhost, certificateOf(vhost, built)?.fingerprint256 ?? null]),
  );
}

/** Whether `openssl` can be started. */
export function hasOpenssl(): Promise<boolean> {
  return run('openssl', ['version']).then(
    () => true,
    () => false,
  );
}

/**
 * Proves that the run did with the website what the demo says: the certificate changed or did not, has the right names,
 * verifies against the local root and is the one served for each of its names. Gives those names. @throws when not
 */
export async function proveWebsite(
  website: DemoWebsite,
  before: Fingerprints,
  built: BuiltTree,
  web: { readonly httpsPort: number; readonly useOpenssl: boolean },
): Promise<readonly string[]> {
  const { vhost, outcome, names, lacks } = website;
  const certificate = certificateOf(vhost, built);
  const isNew = certificate !== undefined && certificate.fingerprint256 !== before.get(vhost);
  const isNewExpected = outcome === 'new' || outcome === 'replaced' || outcome === 'renewed';
  if (isNew !== isNewExpected)
    throw new Error(`${vhost} was to be ${outcome}, but its certificate is ${isNew ? '' : 'not '}new`);
  if (certificate === undefined) return [];
  const has = dnsNamesOf(certificate);
  const wrong = [
    ...lacks.filter((name) => has.includes(name)),
    ...names.filter((name) => !has.includes(name)),
  ];
  if (wrong.length > 0) throw new Error(`the certificate of ${vhost} is wrong about ${wrong.join(', ')}`);
  if (!isNew) return has;
  if (web.useOpenssl) await verifyWithOpenssl(vhost, built);
  for (const name of has) await shakeHands(name, certificate, built, web.httpsPort);
  return has;
}

function certificateOf(vhost: string, built: BuiltTree): X509Certificate | undefined {
  const path = built.tree.combined(parseHostName(vhost));
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  return new X509Certificate(text.slice(text.indexOf('-----BEGIN CERTIFICATE-----')));
}

function dnsNamesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '').split(', ').map((entry) => entry.replace(/^DNS:/, ''));
}

async function verifyWithOpenssl(vhost: string, built: BuiltTree): Promise<void> {
  const chain = `${built.tree.websiteTls(parseHostName(vhost))}/certificates`;
  const { stdout } = await run('openssl', [
    'verify',
    '-CAfile',
    built.tree.localCaRoot(),
    '-untrusted',
    chain,
    chain,
  ]);
  if (!stdout.trim().endsWith(': OK')) throw new Error(`openssl verify says: ${stdout}`);
}

/** Connects as a browser that trusts the local root would. */
function shakeHands(name: string, expected: X509Certificate, built: BuiltTree, port: number): Promise<void> {
  const ca = readFileSync(built.tree.localCaRoot());
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: name, ca }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.end();
      if (expected.raw.equals(raw)) resolve();
      else reject(new Error(`another certificate is served for ${name}`));
    });
    socket.on('error', reject);
  });
}
