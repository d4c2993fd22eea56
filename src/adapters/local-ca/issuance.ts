import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { readCertificate } from '../../core/certificate/parse.js';
import { decodePem, encodePem, splitPem } from '../../core/certificate/pem/pem.js';
import { signCertificate } from '../../core/certificate/signing.js';
import { StateError } from '../../core/domain/autossl-error.js';
import type { DomainName } from '../../core/domain/name/names.js';
import type { Clock, RandomSource } from '../../runs/ports/clock.js';
import { asWriteError } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';
import { type Hierarchy, SERIAL_BYTES } from './hierarchy.js';
import type { StoredOrder } from './order-files.js';

const HOUR_MS = 3_600_000;
/** As most public CAs: 90 days less one second, the end being inclusive (RFC 5280 4.1.2.5). */
const CERTIFICATE_LIFE_MS = 90 * 24 * HOUR_MS - 1000;
/** For visitors whose clock lags. */
const BACKDATE_MS = HOUR_MS;

interface Issuer {
  readonly hierarchy: Hierarchy;
  readonly tree: Tree;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomSource;
}

/**
 * Signs the key for the names and gives the chain, leaf first, without the root. One line goes to `audit.log` before
 * the certificate leaves this function.
 * @throws StateError when the issuing certificate has expired or the line cannot be written
 */
export async function issueCertificate(
  order: StoredOrder,
  names: readonly DomainName[],
  spki: Uint8Array,
  { hierarchy, tree, clock, random }: Issuer,
): Promise<string> {
  const now = clock.now();
  const { issuingPem, issuingKeyPem } = hierarchy;
  const issuerDer = derOf(issuingPem);
  const issuerEndsAt = readCertificate(issuerDer).notAfter;
  if (issuerEndsAt <= now) {
    throw new StateError('CORRUPT_RECORD', 'the local CA’s issuing certificate has expired', {
      advice: `Remove ${join(tree.localCa(), 'authority')} to begin with a new root, and have it trusted anew.`,
    });
  }
  const notBefore = new Date(now.getTime() - BACKDATE_MS);
  const ends = [notBefore.getTime() + CERTIFICATE_LIFE_MS, issuerEndsAt.getTime()];
  if (order.notAfter !== null) ends.push(Date.parse(order.notAfter));
  const leafDer = await signCertificate({
    names,
    notBefore,
    notAfter: new Date(Math.min(...ends)),
    serial: random.bytes(SERIAL_BYTES),
    spki,
    issuerDer,
    issuerKeyPem: issuingKeyPem,
  });
  await writeAuditLine(tree, order, leafDer, now);
  return encodePem('CERTIFICATE', leafDer) + issuingPem;
}

/** Through no link, and waiting for no reader of a FIFO. */
const APPEND_ONLY =
  constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function writeAuditLine(tree: Tree, order: StoredOrder, leafDer: Uint8Array, now: Date): Promise<void> {
  const { serial, fingerprint, dnsNames, notAfter } = readCertificate(leafDer);
  const line = { at: now.toISOString(), order: order.id, serial, fingerprint, names: dnsNames, notAfter };
  const path = join(tree.localCa(), 'audit.log');
  try {
    const log = await open(path, APPEND_ONLY, 0o600);
    try {
      await log.writeFile(`${JSON.stringify(line)}\n`);
      await log.sync();
    } finally {
      await log.close();
    }
  } catch (error) {
    throw asWriteError(error, path);
  }
}

function derOf(pem: string): Uint8Array {
  const [block] = splitPem(pem);
  if (block === undefined)
    throw new StateError('CORRUPT_RECORD', 'the local CA’s certificate cannot be read');
  return decodePem(block);
}
