import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { bitStringOctets, contextConstructed, DerCursor, DerError, objectIdentifier, TAG } from '../der.js';
import { readCertificate } from '../parse.js';
import { decodePem, type PemBlock, splitPem } from '../pem/pem.js';
import { EC_PUBLIC_KEY, isSameKey, RSA_ENCRYPTION } from './public-key.js';

const DSA = '1.2.840.10040.4.1';

/** AlgorithmIdentifier of RSA keys: rsaEncryption with NULL (RFC 3279 2.3.1). */
const RSA_ALGORITHM = Buffer.from('300d06092a864886f70d0101010500', 'hex');
/** The OBJECT IDENTIFIER id-ecPublicKey. */
const EC_ALGORITHM = Buffer.from('06072a8648ce3d0201', 'hex');

/** Integers of an RSAPrivateKey after modulus and exponent (RFC 8017 A.1.2): d, p, q, dP, dQ, qInv. */
const RSA_SECRET_NUMBERS = 6;

/** Whether a PEM label announces a private key of any kind. */
export function isPrivateKeyLabel(label: string): boolean {
  return label.endsWith('PRIVATE KEY');
}

/**
 * The SubjectPublicKeyInfo that belongs to a private key in PEM. For RSA keys and for EC keys that carry their public
 * part it is put together by a walk over the DER (microseconds; a run does it for every website); the others are asked
 * of OpenSSL. Whether the private part really belongs to it is not checked here: see `keyMatchesCertificate`.
 * @throws DerError with one clause saying why the key cannot be used
 */
export function publicKeyOfPrivateKey(block: PemBlock): Uint8Array {
  if (block.label === 'ENCRYPTED PRIVATE KEY' || block.headers.includes('ENCRYPTED')) {
    throw new DerError('it is encrypted with a passphrase');
  }
  if (block.label === 'OPENSSH PRIVATE KEY') throw new DerError('it is in OpenSSH’s own format');
  if (block.label === 'DSA PRIVATE KEY') throw new DerError('it is a DSA key');
  const der = decodePem(block);
  switch (block.label) {
    case 'RSA PRIVATE KEY':
      return rsaPublicKey(der);
    case 'EC PRIVATE KEY':
      return ecPublicKey(der, undefined) ?? askOpenSsl(der, 'sec1');
    case 'PRIVATE KEY':
      return pkcs8PublicKey(der);
    default:
      throw new DerError('it is of an unknown kind');
  }
}

/**
 * The full proof, used before a pair is published: the key's public part is the certificate's, and a signature that the
 * key makes verifies with it. False for anything that cannot be read; never throws.
 */
export function keyMatchesCertificate(keyPem: string, leafDer: Uint8Array): boolean {
  try {
    const block = splitPem(keyPem).find(({ label }) => isPrivateKeyLabel(label));
    if (block === undefined) return false;
    const { key } = readCertificate(leafDer);
    if (!isSameKey(publicKeyOfPrivateKey(block), key.spki)) return false;
    const privateKey = privateKeyFromPem(keyPem);
    const publicKey = createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
    const hash = privateKey.asymmetricKeyType?.startsWith('ed') ? null : 'sha256';
    const probe = Buffer.from('does this key belong to this certificate');
    return verify(hash, probe, publicKey, sign(hash, probe, privateKey));
  } catch {
    return false;
  }
}

/** The first private key of a PEM text, as OpenSSL takes it. @throws DerError, or OpenSSL's error */
export function privateKeyFromPem(text: string): KeyObject {
  const block = splitPem(text).find(({ label }) => isPrivateKeyLabel(label));
  if (block === undefined) throw new DerError('there is no private key');
  const type = { 'RSA PRIVATE KEY': 'pkcs1', 'EC PRIVATE KEY': 'sec1' } as const;
  return createPrivateKey({
    key: Buffer.from(decodePem(block)),
    format: 'der',
    type: type[block.label as keyof typeof type] ?? 'pkcs8',
  });
}

function pkcs8PublicKey(der: Uint8Array): Uint8Array {
  const info = new DerCursor(der).enter(TAG.sequence, 'the key');
  info.take(TAG.integer, 'the key’s version');
  const algorithm = info.enter(TAG.sequence, 'the key’s algorithm');
  const oid = objectIdentifier(algorithm, algorithm.take(TAG.objectIdentifier, 'the key’s algorithm'));
  const key = info.contents(info.take(TAG.octetString, 'the key'));
  if (oid === RSA_ENCRYPTION) return rsaPublicKey(key);
  if (oid === DSA) throw new DerError('it is a DSA key');
  if (oid !== EC_PUBLIC_KEY) return askOpenSsl(der, 'pkcs8');
  const curve = algorithm.whole(algorithm.take(TAG.objectIdentifier, 'the key’s curve'));
  return ecPublicKey(key, curve) ?? askOpenSsl(der, 'pkcs8');
}

/** RFC 8017 A.1.2. */
function rsaPublicKey(der: Uint8Array): Uint8Array {
  const numbers = new DerCursor(der).enter(TAG.sequence, 'the RSA key');
  numbers.take(TAG.integer, 'the key’s version');
  const modulus = numbers.whole(numbers.take(TAG.integer, 'the modulus'));
  const exponent = numbers.whole(numbers.take(TAG.integer, 'the exponent'));
  for (let i = 0; i < RSA_SECRET_NUMBERS; i++) numbers.take(TAG.integer, 'a secret number of the key');
  return sequence(RSA_ALGORITHM, bitString(sequence(modulus, exponent)));
}

/** RFC 5915 section 3; undefined when the key does not carry its public part. */
function ecPublicKey(der: Uint8Array, curveOutside: Uint8Array | undefined): Uint8Array | undefined {
  const key = new DerCursor(der).enter(TAG.sequence, 'the EC key');
  key.take(TAG.integer, 'the key’s version');
  key.take(TAG.octetString, 'the secret number of the key');
  const parameters = key.takeIf(contextConstructed(0), 'the key’s curve');
  let curve = curveOutside;
  if (parameters) {
    const inside = key.into(parameters);
    curve ??= inside.whole(inside.take(TAG.objectIdentifier, 'the key’s curve'));
  }
  const publicPart = key.takeIf(contextConstructed(1), 'the key’s public part');
  if (curve === undefined) throw new DerError('it names no curve');
  if (publicPart === undefined) return undefined;
  const inside = key.into(publicPart);
  const point = bitStringOctets(inside, inside.take(TAG.bitString, 'the key’s public part'));
  return sequence(sequence(EC_ALGORITHM, curve), bitString(point));
}

function askOpenSsl(der: Uint8Array, type: 'pkcs8' | 'sec1'): Uint8Array {
  try {
    const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type });
    return createPublicKey(key).export({ type: 'spki', format: 'der' });
  } catch {
    throw new DerError('OpenSSL cannot read it');
  }
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return encode(TAG.sequence, parts);
}

function bitString(octets: Uint8Array): Buffer {
  return encode(TAG.bitString, [Buffer.of(0), octets]);
}

/** Definite, minimal length; keys are far shorter than 64 KiB. */
function encode(tag: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > 0xffff) throw new DerError('it is too long');
  let header = [tag, 0x82, length >> 8, length & 0xff];
  if (length < 0x80) header = [tag, length];
  else if (length < 0x100) header = [tag, 0x81, length];
  return Buffer.concat([Buffer.from(header), ...parts]);
}
