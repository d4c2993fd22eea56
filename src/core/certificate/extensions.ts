import { parseIpIdentifier } from '../domain/name/names.js';
import { contextPrimitive, type DerCursor, DerError, hex, latin1, objectIdentifier, TAG } from './der.js';
import { readDistributionPoints, readOcspResponders } from './revocation/distribution-points.js';

/** The extensions that we judge by (RFC 5280 4.2.1). */
export interface CertificateExtensions {
  hasSubjectAltName: boolean;
  dnsNames: string[];
  ipAddresses: string[];
  isCa: boolean;
  /** Intermediates that may follow below this one; null = no limit. */
  pathLength: number | null;
  /** Null when the extension is absent. */
  mayCertify: boolean | null;
  /** Null when the key usage is absent. */
  maySignLists: boolean | null;
  extendedKeyUsage: string[] | null;
  policyOids: string[];
  authorityKeyIdentifier: Uint8Array | null;
  subjectKeyIdentifier: Uint8Array | null;
  crlUrls: string[];
  ocspUrls: string[];
}

type Reader = (value: DerCursor, into: CertificateExtensions) => void;

/** keyCertSign: bit 5, counted from the most significant bit of the first octet (RFC 5280 4.2.1.3). */
const KEY_CERT_SIGN = 0x80 >> 5;
/** cRLSign: bit 6. */
const CRL_SIGN = 0x80 >> 6;

const READERS: Readonly<Record<string, Reader>> = {
  '2.5.29.14': (value, into) => {
    into.subjectKeyIdentifier = value.contents(value.take(TAG.octetString, 'the subject key identifier'));
  },
  '2.5.29.15': (value, into) => {
    const octets = value.contents(value.take(TAG.bitString, 'the key usage'));
    into.mayCertify = ((octets[1] ?? 0) & KEY_CERT_SIGN) !== 0;
    into.maySignLists = ((octets[1] ?? 0) & CRL_SIGN) !== 0;
  },
  '2.5.29.17': readSubjectAltName,
  '2.5.29.19': (value, into) => {
    const constraints = value.enter(TAG.sequence, 'the basic constraints');
    const isCa = constraints.takeIf(TAG.boolean, 'cA');
    into.isCa = isCa !== undefined && constraints.contents(isCa).some((octet) => octet !== 0);
    const pathLength = constraints.takeIf(TAG.integer, 'pathLenConstraint');
    if (pathLength) into.pathLength = Number.parseInt(hex(constraints.contents(pathLength)) || '0', 16);
  },
  '2.5.29.31': (value, into) => {
    into.crlUrls = orNone(() => readDistributionPoints(value));
  },
  '2.5.29.32': (value, into) => {
    const policies = value.enter(TAG.sequence, 'the certificate policies');
    while (!policies.isAtEnd) {
      const policy = policies.enter(TAG.sequence, 'a certificate policy');
      into.policyOids.push(objectIdentifier(policy, policy.next('a certificate policy')));
    }
  },
  '2.5.29.35': (value, into) => {
    const identifier = value.enter(TAG.sequence, 'the authority key identifier');
    const key = identifier.takeIf(contextPrimitive(0), 'the authority key identifier');
    if (key) into.authorityKeyIdentifier = identifier.contents(key);
  },
  '2.5.29.37': (value, into) => {
    const purposes = value.enter(TAG.sequence, 'the extended key usage');
    into.extendedKeyUsage = [];
    while (!purposes.isAtEnd) {
      into.extendedKeyUsage.push(objectIdentifier(purposes, purposes.next('an extended key usage')));
    }
  },
  '1.3.6.1.5.5.7.1.1': (value, into) => {
    into.ocspUrls = orNone(() => readOcspResponders(value));
  },
};

/** A pointer that cannot be read leads nowhere; the certificate is as good as without it. */
function orNone(read: () => string[]): string[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}

/** Reads those of the extensions that we know. @throws DerError also when one stands there twice (RFC 5280 4.2) */
export function readExtensions(extensions: DerCursor | null): CertificateExtensions {
  const found: CertificateExtensions = {
    hasSubjectAltName: false,
    dnsNames: [],
    ipAddresses: [],
    isCa: false,
    pathLength: null,
    mayCertify: null,
    maySignLists: null,
    extendedKeyUsage: null,
    policyOids: [],
    authorityKeyIdentifier: null,
    subjectKeyIdentifier: null,
    crlUrls: [],
    ocspUrls: [],
  };
  const seen = new Set<Reader>();
  while (extensions !== null && !extensions.isAtEnd) {
    const extension = extensions.enter(TAG.sequence, 'an extension');
    const oid = objectIdentifier(extension, extension.take(TAG.objectIdentifier, 'an extension’s name'));
    extension.takeIf(TAG.boolean, 'an extension’s criticality');
    const value = extension.take(TAG.octetString, 'an extension’s value');
    const read = READERS[oid];
    if (read === undefined) continue;
    if (seen.has(read)) throw new DerError(`extension ${oid} stands there twice`);
    seen.add(read);
    read(extension.into(value), found);
  }
  return found;
}

/** The GeneralNames of a subjectAltName; also used for the extension request of a CSR. */
function readSubjectAltName(value: DerCursor, into: CertificateExtensions): void {
  into.hasSubjectAltName = true;
  const names = value.enter(TAG.sequence, 'the subject alternative names');
  while (!names.isAtEnd) {
    const name = names.next('a subject alternative name');
    if (name.tag === contextPrimitive(2)) into.dnsNames.push(latin1(names.contents(name)).toLowerCase());
    else if (name.tag === contextPrimitive(7)) into.ipAddresses.push(addressText(names.contents(name)));
  }
}

/** RFC 5280 4.2.1.6: 4 or 16 octets. @throws DerError */
function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16)
    throw new DerError('an IP address in the subject alternative names has a wrong length');
  return parseIpIdentifier((hex(octets).match(/.{4}/g) ?? []).join(':'));
}
