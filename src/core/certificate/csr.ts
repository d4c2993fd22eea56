import { ipVersion } from '../domain/name/ip-version.js';
import type { WantedName } from '../domain/name/names.js';
import { isSignedBy, verifyingKey } from './chain/verification.js';
import { asBuffer, bitStringOctets, contextConstructed, DerCursor, objectIdentifier, TAG } from './der.js';
import { ATTRIBUTE, attributeValues, readName } from './distinguished-name.js';
import { readExtensions } from './extensions.js';
import { openSigningKey } from './key/signing-key.js';
import { type SubjectAttribute, subjectName } from './subject.js';
import { loadX509Library } from './x509-library.js';

/** PKCS #9 extensionRequest (RFC 2985 5.4.2). */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/**
 * A PKCS #10 request in DER: empty subject unless one is given, all names in the subjectAltName, nothing else asked for (a CA
 * refuses requests that ask for key usages it does not give). `challengePassword`: RFC 2985 5.4.1.
 * @throws InternalError, DerError for a key that cannot sign
 */
export async function createCsr(request: {
  readonly names: readonly WantedName[];
  readonly keyPem: string;
  readonly subject?: readonly SubjectAttribute[];
  readonly challengePassword?: string;
}): Promise<Uint8Array> {
  const [x509, { keys, signingAlgorithm }] = await Promise.all([
    loadX509Library(),
    openSigningKey(request.keyPem),
  ]);
  const names = request.names.map((value) => ({ type: generalNameType(value), value }));
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectName(x509, request.subject ?? []),
    keys,
    signingAlgorithm,
    extensions: [new x509.SubjectAlternativeNameExtension(names)],
    attributes:
      request.challengePassword === undefined
        ? []
        : [new x509.ChallengePasswordAttribute(request.challengePassword)],
  });
  return new Uint8Array(csr.rawData);
}

export function generalNameType(name: WantedName): 'ip' | 'dns' {
  return ipVersion(name) === 0 ? 'dns' : 'ip';
}

/** What a PKCS #10 request asks for. */
export interface CsrFacts {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Of the subject; clients before RFC 8555 put the first name there. */
  readonly commonNames: readonly string[];
  readonly spki: Uint8Array;
  /** Whether the request is signed with the key that it names (RFC 2986 4.2). */
  readonly isSignatureValid: boolean;
}

/** Reads a request that somebody sent. @throws DerError */
export function readCsr(der: Uint8Array): CsrFacts {
  const file = new DerCursor(der);
  const request = file.enter(TAG.sequence, 'the request');
  const bodyValue = request.take(TAG.sequence, 'the request’s body');
  const signatureAlgorithm = request.whole(request.take(TAG.sequence, 'the signature algorithm'));
  const signature = bitStringOctets(request, request.take(TAG.bitString, 'the signature'));
  const body = request.into(bodyValue);
  body.take(TAG.integer, 'the version');
  const subject = readName(body.whole(body.take(TAG.sequence, 'the subject')));
  const spki = body.whole(body.take(TAG.sequence, 'the public key'));
  const attributes = body.takeIf(contextConstructed(0), 'the attributes');
  const { dnsNames, ipAddresses } = readExtensions(
    attributes ? extensionRequest(body.into(attributes)) : null,
  );
  const key = verifyingKey(spki);
  const signed = { tbs: request.whole(bodyValue), signatureAlgorithm, signature };
  return {
    dnsNames,
    ipAddresses,
    commonNames: attributeValues(subject, ATTRIBUTE.commonName),
    spki: asBuffer(spki),
    isSignatureValid: key !== undefined && isSignedBy(signed, key),
  };
}

function extensionRequest(attributes: DerCursor): DerCursor | null {
  while (!attributes.isAtEnd) {
    const attribute = attributes.enter(TAG.sequence, 'an attribute');
    const type = objectIdentifier(attribute, attribute.take(TAG.objectIdentifier, 'an attribute’s type'));
    if (type !== EXTENSION_REQUEST) continue;
    const values = attribute.enter(TAG.set, 'the extension request');
    return values.enter(TAG.sequence, 'the requested extensions');
  }
  return null;
}
