import { X509Certificate } from 'node:crypto';
import type { CertificateFacts } from '../../core/certificate/facts.js';
import { badAnswer } from './fields.js';

/** A leaf and its intermediates; the longest public chain of late 2026 has four. */
const MOST_CERTIFICATES = 10;
const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----[\sA-Za-z0-9+/=]*-----END \1-----/g;

/** Whether every certificate that begins there ends there, and one does: nothing was cut off on the way. */
export function isWholePem(text: string): boolean {
  const begun = text.split('-----BEGIN ').length - 1;
  return begun > 0 && begun === [...text.matchAll(BLOCK)].length;
}

/** Facts of one certificate, injected: X.509 has its own home. */
export type ReadCertificate = (der: Uint8Array) => CertificateFacts | Promise<CertificateFacts>;

/**
 * A downloaded chain, checked (RFC 8555 section 11.4): certificates that parse and nothing else, at most 10; written
 * again with our own line ends. @throws AcmeProtocolError BAD_ANSWER
 */
export function parseChain(body: Uint8Array, host: string): string {
  const text = Buffer.from(body).toString('latin1');
  const blocks = [...text.matchAll(BLOCK)];
  const other = blocks.find((block) => block[1] !== 'CERTIFICATE');
  if (other !== undefined) throw badAnswer(`the CA at ${host} sent a ${other[1]} where a chain belongs`);
  if (blocks.length === 0) throw badAnswer(`the CA at ${host} sent no certificate where a chain belongs`);
  if (!isWholePem(text)) throw badAnswer(`the CA at ${host} sent a chain that breaks off`);
  if (blocks.length > MOST_CERTIFICATES)
    throw badAnswer(`the CA at ${host} sent a chain of ${blocks.length} certificates`);
  return blocks.map((block) => normalised(block[0], host)).join('');
}

/** Whether the chain's topmost certificate was issued by the wanted one: its CN or one of its organisations, whole. */
export async function endsAtIssuer(
  chainPem: string,
  wanted: string,
  readCertificate: ReadCertificate,
): Promise<boolean> {
  const last = [...chainPem.matchAll(BLOCK)].at(-1)?.[0] ?? '';
  const facts = await readCertificate(new X509Certificate(last).raw);
  const name = wanted.trim().toLowerCase();
  const isOrganization = facts.issuerOrganizations.some((one) => one.toLowerCase() === name);
  return isOrganization || commonNamesOf(facts.issuer).includes(name);
}

function commonNamesOf(oneLine: string): readonly string[] {
  return [...oneLine.matchAll(/(?:^|[,+/])\s*CN\s*=\s*((?:\\.|[^,+\\])*)/gi)].map((match) =>
    (match[1] ?? '').replace(/\\(.)/g, '$1').trim().toLowerCase(),
  );
}

function normalised(pem: string, host: string): string {
  try {
    const text = new X509Certificate(pem).toString();
    return text.endsWith('\n') ? text : `${text}\n`;
  } catch {
    throw badAnswer(`the CA at ${host} sent a certificate that cannot be read`);
  }
}
