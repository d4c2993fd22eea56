import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import type { BuiltTree } from '../support/tree-builder.js';

const run = promisify(execFile);

/** One certificate of the run's report. */
export interface Installed {
  readonly vhost: string;
  readonly fingerprint: string;
  readonly names: readonly string[];
}

/** Proves that a new certificate verifies against the local root and is the one served. @throws when not */
export async function proveCertificate(
  installed: Installed,
  built: BuiltTree,
  httpsPort: number,
): Promise<string> {
  const folder = built.path(`/var/cpanel/ssl/apache_tls/${installed.vhost}`);
  const root = built.path('/var/cpanel/ssl/autossl/local_ca/root.pem');
  const chain = `${folder}/certificates`;
  const { stdout } = await run('openssl', ['verify', '-CAfile', root, '-untrusted', chain, chain]);
  if (!stdout.trim().endsWith(': OK')) throw new Error(`openssl verify says: ${stdout}`);
  for (const name of installed.names) {
    const served = await servedFingerprint(name, httpsPort);
    if (served !== installed.fingerprint)
      throw new Error(`${name} serves ${served}, not ${installed.fingerprint}`);
  }
  return `${installed.vhost}: openssl verify OK; served for ${installed.names.join(', ')}`;
}

function servedFingerprint(name: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: name, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.end();
      resolve(createHash('sha256').update(raw).digest('hex'));
    });
    socket.on('error', reject);
  });
}
