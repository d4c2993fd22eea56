import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../../core/certificate/facts.js';
import { encodePem, splitPem } from '../../core/certificate/pem/pem.js';
import { coversName } from '../../core/domain/name/coverage.js';
import { ipVersion } from '../../core/domain/name/ip-version.js';
import { parseHostName, parseIpIdentifier, type WantedName } from '../../core/domain/name/names.js';

/** A leaf and its intermediates. */
const MOST_CERTIFICATES = 10;

/**
 * The chain that a third party's module gave for these names, written again with our own line ends, or why it is none, as one
 * clause: certificates that can be read and nothing else, the first for all of the names.
 */
export function parseModuleChain(
  text: string,
  names: readonly string[],
  readCertificate: (der: Uint8Array) => CertificateFacts,
): { readonly chainPem: string } | { readonly fault: string } {
  const blocks = splitPem(text);
  const isChain = blocks.length > 0 && blocks.every(({ label }) => label === 'CERTIFICATE');
  if (!isChain || blocks.length > MOST_CERTIFICATES) {
    return { fault: 'its chainPem is no chain of certificates' };
  }
  let certificates: readonly X509Certificate[];
  let facts: readonly CertificateFacts[];
  try {
    certificates = blocks.map(
      ({ label, body }) => new X509Certificate(encodePem(label, Buffer.from(body, 'base64'))),
    );
    facts = certificates.slice(0, 1).map(({ raw }) => readCertificate(raw));
  } catch {
    return { fault: 'its chainPem holds a certificate that cannot be read' };
  }
  const isForAll = facts.every((leaf) => names.every((name) => coversName(leaf, wantedNameOf(name))));
  if (!isForAll) return { fault: 'its certificate is for other names' };
  return { chainPem: certificates.map((one) => `${one.toString().trimEnd()}\n`).join('') };
}

function wantedNameOf(text: string): WantedName {
  return ipVersion(text) === 0 ? parseHostName(text) : parseIpIdentifier(text);
}
