import { type CsrFacts, readCsr } from '../../core/certificate/csr.js';
import { readPublicKey } from '../../core/certificate/key/public-key.js';
import { problemOf } from '../../core/order/problem-type.js';
import type { AcmeProblem } from '../../core/order/resources.js';

/** BR 6.1.5: the smallest RSA modulus, in bits. */
const LEAST_RSA_BITS = 2048;
const CURVES: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** The key of a request that asks for exactly the order's names (RFC 8555 7.4), or why it is refused. */
export function checkRequest(
  csrDer: Uint8Array,
  names: readonly string[],
): { readonly spki: Uint8Array } | { readonly refused: AcmeProblem } {
  let request: CsrFacts;
  try {
    request = readCsr(csrDer);
  } catch {
    return refuse('badCSR', 'the request cannot be read');
  }
  if (!request.isSignatureValid) return refuse('badCSR', 'the request is not signed with its own key');
  if (request.ipAddresses.length > 0) return refuse('badCSR', 'the request asks for an IP address');
  const asked = new Set([...request.dnsNames, ...request.commonNames].map((name) => name.toLowerCase()));
  const isSame = asked.size === names.length && names.every((name) => asked.has(name));
  if (!isSame) return refuse('badCSR', 'the request asks for other names than the order');
  if (!isStrong(request.spki))
    return refuse('badPublicKey', 'the key is neither RSA of 2048 bits or more nor on a NIST curve');
  return { spki: request.spki };
}

function isStrong(spki: Uint8Array): boolean {
  const key = readPublicKey(spki);
  if (key.type === 'rsa') return key.bits >= LEAST_RSA_BITS && key.exponent > 1n && key.exponent % 2n === 1n;
  return key.type === 'ec' && CURVES.includes(key.curve);
}

function refuse(code: string, detail: string): { readonly refused: AcmeProblem } {
  return { refused: problemOf(code, detail) };
}
