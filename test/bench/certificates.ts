import { createHash } from 'node:crypto';
import type { IssuedRecord } from '../../src/runs/ports/orders.js';
import { aCertificate, aKey, anIntermediate, aRoot, type TestCertificate } from '../support/pki.js';
import type { BenchWebsite } from './websites.js';

const DAY_MS = 86_400_000;
const LIFE_DAYS = 90;
/** Oldest certificate, in days: with the days that a built tree is kept, still well before any renewal is due. */
const OLDEST_DAYS = 40;
/** Making a key costs more than signing; which key a certificate has does not change the work of reading it. */
const KEYS = 8;

/** The root that the benchmark's certificates chain to. */
export const benchRootPem = (): string => aRoot().certPem;

/** A healthy certificate (RSA 2048 under an RSA intermediate, 90 days, nothing due) for the website, and our record of it. */
export function issueFor(
  website: BenchWebsite,
  index: number,
  now: Date,
): { readonly certificate: TestCertificate; readonly record: IssuedRecord } {
  const issuer = rsaIntermediate();
  const notBefore = new Date(now.getTime() - Math.ceil(((index % OLDEST_DAYS) + 0.1) * DAY_MS));
  notBefore.setUTCMilliseconds(0);
  const notAfter = new Date(notBefore.getTime() + LIFE_DAYS * DAY_MS);
  const serial = createHash('sha256').update(website.vhost).digest().subarray(0, 18);
  serial[0] = 0x03;
  const certificate = aCertificate({
    names: website.names,
    issuer,
    key: aKey('rsa-2048', `bench-${index % KEYS}`),
    notBefore,
    notAfter,
    serial,
  });
  const orderId = `${notBefore.getTime()}-${serial.subarray(1, 9).toString('hex')}`;
  return {
    certificate,
    record: {
      fingerprint: createHash('sha256').update(certificate.der).digest('hex'),
      account: website.account,
      vhost: website.vhost,
      provider: 'LocalCA',
      directoryUrl: 'local:',
      acmeAccountUrl: null,
      orderUrl: null,
      orderId,
      names: website.names,
      because: ['CERTIFICATE_ABSENT'],
      ariCertificateId: `${issuer.keyIdentifier.toString('base64url')}.${serial.toString('base64url')}`,
      serial: serial.toString('hex'),
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
      issuedAt: notBefore.toISOString(),
    },
  };
}

let intermediate: ReturnType<typeof anIntermediate> | undefined;
function rsaIntermediate(): ReturnType<typeof anIntermediate> {
  intermediate ??= anIntermediate({ name: 'Bench Intermediate', keyType: 'rsa-2048' });
  return intermediate;
}
