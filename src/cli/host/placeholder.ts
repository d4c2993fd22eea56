import { systemClock } from '../../adapters/system/clock.js';
import { generateKey } from '../../adapters/system/private-key.js';
import { systemRandom } from '../../adapters/system/random.js';
import { encodePem } from '../../core/certificate/pem.js';
import { createSelfSigned } from '../../core/certificate/signing.js';
import { parseHostName } from '../../core/domain/names.js';

/** By it people know what they look at. */
const ORGANIZATION = 'AutoSSL placeholder';
/** It is there for a web server to start, not for visitors to trust; the first certificate takes its place. */
const LIFE_MS = 90 * 86_400_000;
const SERIAL_BYTES = 16;

/** A self-signed pair for these names, so that a web server that names its file can start (design 5.11). */
export async function makePlaceholder(
  names: readonly string[],
): Promise<{ readonly keyPem: string; readonly chainPem: string }> {
  const keyPem = await generateKey('ecdsa-prime256v1');
  const notBefore = systemClock.now();
  const der = await createSelfSigned({
    keyPem,
    names: names.map(parseHostName),
    organization: ORGANIZATION,
    notBefore,
    notAfter: new Date(notBefore.getTime() + LIFE_MS),
    serial: systemRandom.bytes(SERIAL_BYTES),
  });
  return { keyPem, chainPem: encodePem('CERTIFICATE', der) };
}
