import type { WantedName } from '../domain/name/names.js';
import type { CertificateFacts } from './facts.js';
import { encodePem } from './pem/pem.js';
import { createSelfSigned } from './signing.js';

/** What a placeholder calls itself, so that people who look at it know. */
export const PLACEHOLDER_ORGANIZATION = 'AutoSSL placeholder';

/** A server starts with it, whoever looks at it is warned by its name; it is replaced long before. */
const LIFE_MS = 365 * 86_400_000;
/** Nobody is served by more names of a certificate that no browser trusts. */
const MAX_NAMES = 100;

/** A self-signed certificate in PEM that lets a web server start until a real one comes. @throws InternalError, DerError */
export async function createPlaceholder(facts: {
  readonly names: readonly WantedName[];
  readonly keyPem: string;
  readonly now: Date;
  /** 16 random octets. */
  readonly serial: Uint8Array;
}): Promise<string> {
  const der = await createSelfSigned({
    names: facts.names.slice(0, MAX_NAMES),
    organization: PLACEHOLDER_ORGANIZATION,
    notBefore: facts.now,
    notAfter: new Date(facts.now.getTime() + LIFE_MS),
    serial: facts.serial,
    keyPem: facts.keyPem,
  });
  return encodePem('CERTIFICATE', der);
}

/** Whether a certificate is a placeholder of ours (design 5.11). */
export function isPlaceholder(leaf: Pick<CertificateFacts, 'isSelfSigned' | 'issuerOrganizations'>): boolean {
  return leaf.isSelfSigned && leaf.issuerOrganizations.includes(PLACEHOLDER_ORGANIZATION);
}
