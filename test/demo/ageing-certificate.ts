import { createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { outputFileSync } from 'fs-extra/esm';
import { encodePem } from '../../src/core/certificate/pem/pem.js';
import { signCertificate } from '../../src/core/certificate/signing.js';
import { parseDomainName } from '../../src/core/domain/name/names.js';
import { writeIssuedRecord } from '../support/aged-set.js';
import { aKey, keyPemOf } from '../support/pki.js';
import type { BuiltTree } from '../support/tree-builder.js';
import { DUE_VHOST } from './websites.js';

/** CA/B BR 7.1.6.1. */
const DOMAIN_VALIDATED = '2.23.140.1.2.1';
const DAY_MS = 86_400_000;
/** Issued so long ago that of its 90 days fewer than 29 are left. */
const AGE_DAYS = 70;

/** Gives one website a certificate that the local CA signed some weeks ago, with our record of it. */
export async function placeAgeingCertificate(built: BuiltTree): Promise<void> {
  const authority = built.path('/var/cpanel/ssl/autossl/local_ca/authority');
  const issuing = readFileSync(`${authority}/issuing.pem`, 'utf8');
  const key = aKey('ecdsa-prime256v1', 'due');
  const names = [DUE_VHOST, `www.${DUE_VHOST}`].map(parseDomainName);
  const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000 - AGE_DAYS * DAY_MS);
  const notAfter = new Date(notBefore.getTime() + 90 * DAY_MS);
  const der = await signCertificate({
    serial: Buffer.from('0123456789abcdef01', 'hex'),
    names,
    spki: createPublicKey(key).export({ type: 'spki', format: 'der' }),
    notBefore,
    notAfter,
    policyOids: [DOMAIN_VALIDATED],
    issuerDer: new X509Certificate(issuing).raw,
    issuerKeyPem: readFileSync(`${authority}/issuing.key`, 'utf8'),
  });
  const leaf = encodePem('CERTIFICATE', der);
  const folder = built.path(`/var/cpanel/ssl/apache_tls/${DUE_VHOST}`);
  outputFileSync(`${folder}/combined`, `${keyPemOf(key)}${leaf}${issuing}`, { mode: 0o600 });
  writeIssuedRecord(built, {
    vhost: DUE_VHOST,
    account: 'carol',
    provider: 'LocalCA',
    names,
    certPem: leaf,
  });
}
