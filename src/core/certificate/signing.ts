import type { Extension } from '@peculiar/x509';
import type { WantedName } from '../domain/name/names.js';
import { generalNameType } from './csr.js';
import { readPublicKey } from './key/public-key.js';
import { openSigningKey, type SigningKey } from './key/signing-key.js';
import { readCertificate } from './parse.js';
import { type SubjectAttribute, subjectName } from './subject.js';
import { loadX509Library } from './x509-library.js';

type Library = typeof import('@peculiar/x509');

/** id-kp-serverAuth. */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** What a certificate that we sign shall say. Time and randomness come in as values. */
export interface CertificateTemplate {
  /** For the subjectAltName; empty for an authority. */
  readonly names: readonly WantedName[];
  readonly commonName?: string;
  readonly organization?: string;
  /** Instead of these two. */
  readonly subject?: readonly SubjectAttribute[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** 16 random octets make it unique (BR 7.1 asks for 64 bits); the sign bit is taken care of. */
  readonly serial: Uint8Array;
  /** Default false. */
  readonly isCa?: boolean;
  /** Intermediates that an authority may have below it; absent = no limit. */
  readonly pathLength?: number;
  readonly policyOids?: readonly string[];
}

/** A certificate signed with its own key, in DER: a placeholder, or the local CA's root. @throws InternalError, DerError */
export async function createSelfSigned(
  template: CertificateTemplate & { readonly keyPem: string },
): Promise<Uint8Array> {
  const [x509, signer] = await Promise.all([loadX509Library(), openSigningKey(template.keyPem)]);
  const subject = subjectName(x509, subjectOf(template));
  const certificate = await x509.X509CertificateGenerator.create({
    ...base(template),
    subject,
    issuer: subject,
    publicKey: signer.keys.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: signer.signingAlgorithm,
    extensions: [
      ...ownExtensions(x509, template, signer.spki),
      await x509.SubjectKeyIdentifierExtension.create(signer.keys.publicKey),
    ],
  });
  return new Uint8Array(certificate.rawData);
}

/**
 * A certificate for somebody else's key, signed by an authority, in DER.
 * @throws InternalError for an authority's key that cannot sign, DerError for an unreadable one
 */
export async function signCertificate(
  template: CertificateTemplate & {
    /** SubjectPublicKeyInfo, from a checked request. */
    readonly spki: Uint8Array;
    readonly issuerDer: Uint8Array;
    readonly issuerKeyPem: string;
  },
): Promise<Uint8Array> {
  const [x509, signer] = await Promise.all([loadX509Library(), openSigningKey(template.issuerKeyPem)]);
  const publicKey = new x509.PublicKey(Buffer.from(template.spki));
  const certificate = await x509.X509CertificateGenerator.create({
    ...base(template),
    subject: subjectName(x509, subjectOf(template)),
    issuer: new x509.X509Certificate(Buffer.from(template.issuerDer)).subjectName,
    publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: signer.signingAlgorithm,
    extensions: [
      ...ownExtensions(x509, template, template.spki),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await authorityKeyIdentifier(x509, template.issuerDer, signer),
    ],
  });
  return new Uint8Array(certificate.rawData);
}

function base({ serial, notBefore, notAfter }: CertificateTemplate) {
  return { serialNumber: Buffer.from(serial).toString('hex'), notBefore, notAfter };
}

function subjectOf({ organization, commonName, subject }: CertificateTemplate): readonly SubjectAttribute[] {
  if (subject !== undefined) return subject;
  return [
    ...(organization === undefined ? [] : [{ type: 'O' as const, value: organization }]),
    ...(commonName === undefined ? [] : [{ type: 'CN' as const, value: commonName }]),
  ];
}

function ownExtensions(x509: Library, template: CertificateTemplate, spki: Uint8Array): Extension[] {
  const { names, policyOids = [], isCa = false } = template;
  const hasSubject = subjectOf(template).length > 0;
  return [
    new x509.BasicConstraintsExtension(isCa, template.pathLength, true),
    new x509.KeyUsagesExtension(keyUsages(x509, isCa, spki), true),
    ...(isCa ? [] : [new x509.ExtendedKeyUsageExtension([SERVER_AUTH])]),
    // RFC 5280 4.2.1.6: critical when the subject is empty.
    ...(names.length === 0
      ? []
      : [
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: generalNameType(value), value })),
            !hasSubject,
          ),
        ]),
    ...(policyOids.length === 0 ? [] : [new x509.CertificatePolicyExtension([...policyOids])]),
  ];
}

function keyUsages(x509: Library, isCa: boolean, spki: Uint8Array): number {
  const { digitalSignature, keyEncipherment, keyCertSign, cRLSign } = x509.KeyUsageFlags;
  if (isCa) return keyCertSign | cRLSign | digitalSignature;
  return readPublicKey(spki).type === 'rsa' ? digitalSignature | keyEncipherment : digitalSignature;
}

/** The issuer's own subject key identifier, so that the two match whatever way it was made. */
async function authorityKeyIdentifier(
  x509: Library,
  issuerDer: Uint8Array,
  signer: SigningKey,
): Promise<Extension> {
  const { subjectKeyIdentifier } = readCertificate(issuerDer);
  if (subjectKeyIdentifier === null)
    return await x509.AuthorityKeyIdentifierExtension.create(signer.keys.publicKey);
  return new x509.AuthorityKeyIdentifierExtension(subjectKeyIdentifier);
}
