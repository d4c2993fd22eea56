import { contextConstructed, DerCursor, objectIdentifier, TAG } from '../der.js';

/** How to check a signature, as far as node:crypto's `verify` goes. */
export interface SignatureAlgorithm {
  /** OpenSSL's long name, or the OID. */
  readonly name: string;
  /** Key type that it needs; null when we do not verify it (unknown, MD2, DSA). */
  readonly keyType: 'rsa' | 'ec' | 'ed25519' | 'ed448' | null;
  /** Null for the Edwards curves, which hash by themselves. */
  readonly hash: string | null;
  /** RSASSA-PSS padding instead of PKCS #1 v1.5. */
  readonly isPss: boolean;
}

type Row = readonly [
  name: string,
  keyType: SignatureAlgorithm['keyType'],
  hash: string | null,
  isWeak?: 'weak',
];

/** Not OpenSSL's name: the hash is what matters here. */
const PSS_WITH_SHA1 = 'rsassaPss with SHA-1';
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const PSS_HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

const ALGORITHMS: Readonly<Record<string, Row>> = {
  '1.2.840.113549.1.1.2': ['md2WithRSAEncryption', null, null, 'weak'],
  '1.2.840.113549.1.1.3': ['md4WithRSAEncryption', null, null, 'weak'],
  '1.2.840.113549.1.1.4': ['md5WithRSAEncryption', 'rsa', 'md5', 'weak'],
  '1.2.840.113549.1.1.5': ['sha1WithRSAEncryption', 'rsa', 'sha1', 'weak'],
  '1.3.14.3.2.29': ['sha1WithRSA', null, null, 'weak'],
  '1.2.840.113549.1.1.14': ['sha224WithRSAEncryption', 'rsa', 'sha224'],
  '1.2.840.113549.1.1.11': ['sha256WithRSAEncryption', 'rsa', 'sha256'],
  '1.2.840.113549.1.1.12': ['sha384WithRSAEncryption', 'rsa', 'sha384'],
  '1.2.840.113549.1.1.13': ['sha512WithRSAEncryption', 'rsa', 'sha512'],
  '1.2.840.10045.4.1': ['ecdsa-with-SHA1', 'ec', 'sha1', 'weak'],
  '1.2.840.10045.4.3.1': ['ecdsa-with-SHA224', 'ec', 'sha224'],
  '1.2.840.10045.4.3.2': ['ecdsa-with-SHA256', 'ec', 'sha256'],
  '1.2.840.10045.4.3.3': ['ecdsa-with-SHA384', 'ec', 'sha384'],
  '1.2.840.10045.4.3.4': ['ecdsa-with-SHA512', 'ec', 'sha512'],
  '1.2.840.10040.4.3': ['dsaWithSHA1', null, null, 'weak'],
  '2.16.840.1.101.3.4.3.2': ['dsa_with_SHA256', null, null],
  '1.3.101.112': ['ED25519', 'ed25519', null],
  '1.3.101.113': ['ED448', 'ed448', null],
};

/** Reads an AlgorithmIdentifier of a signature. @throws DerError */
export function readSignatureAlgorithm(bytes: Uint8Array): SignatureAlgorithm {
  const cursor = new DerCursor(bytes).enter(TAG.sequence, 'the signature algorithm');
  const oid = objectIdentifier(cursor, cursor.take(TAG.objectIdentifier, 'the signature algorithm'));
  if (oid === RSASSA_PSS) return pss(cursor);
  const [name, keyType, hash] = ALGORITHMS[oid] ?? [oid, null, null];
  return { name, keyType, hash, isPss: false };
}

/** RFC 4055 3.1: the hash is a parameter, and SHA-1 when nothing is said. */
function pss(cursor: DerCursor): SignatureAlgorithm {
  const parameters = cursor.takeIf(TAG.sequence, 'the RSASSA-PSS parameters');
  const hash = parameters && cursor.into(parameters).takeIf(contextConstructed(0), 'the hash');
  const identifier = hash && cursor.into(hash).enter(TAG.sequence, 'the hash');
  const name = identifier ? PSS_HASHES[objectIdentifier(identifier, identifier.next('the hash'))] : 'sha1';
  return {
    name: name === 'sha1' ? PSS_WITH_SHA1 : 'rsassaPss',
    keyType: name === undefined ? null : 'rsa',
    hash: name ?? null,
    isPss: true,
  };
}

/** MD5, SHA-1 or older: collisions are practical, BR 7.1.3.2 forbids them. `name` as in SignatureAlgorithm. */
export function isWeakSignature(name: string): boolean {
  return WEAK_NAMES.has(name);
}

const WEAK_NAMES: ReadonlySet<string> = new Set([
  PSS_WITH_SHA1,
  ...Object.values(ALGORITHMS)
    .filter(([, , , weak]) => weak !== undefined)
    .map(([name]) => name),
]);
