import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import { isIP } from 'node:net';
import type { KeyType } from '../../src/core/domain/key-type.js';
import * as w from './der-writer.js';

/** The instant at which the default certificates of this PKI are healthy: in the middle of everything. */
export const PKI_NOW = new Date('2026-06-01T00:00:00Z');

export type TestKeyType =
  | KeyType
  | 'rsa-1024'
  | 'rsa-2048-e3'
  | 'ecdsa-secp224r1'
  | 'ecdsa-secp256k1'
  | 'ecdsa-secp521r1'
  | 'ed25519';
export type TestHash = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** A root or an intermediate that can sign. */
export interface TestAuthority {
  readonly certPem: string;
  readonly keyPem: string;
  readonly der: Buffer;
  /** DER of its subject Name. */
  readonly subject: Buffer;
  readonly privateKey: KeyObject;
  readonly keyIdentifier: Buffer;
  /** What a server sends after a leaf that this one signed: itself and its issuers, roots left out. */
  readonly chainPem: string;
}

export interface TestCertificate {
  readonly certPem: string;
  readonly der: Buffer;
  readonly keyPem: string;
  readonly privateKey: KeyObject;
  /** Leaf first, then the intermediates, no root: what an ACME CA sends (`CertificateSet.chainPem`). */
  readonly chainPem: string;
  /** Key, then `chainPem`: the contents of a `combined` file. */
  readonly combined: string;
}

interface CommonOptions {
  readonly notBefore?: Date | string;
  readonly notAfter?: Date | string;
  readonly keyType?: TestKeyType;
  /** Instead of `keyType`: a private key to use. */
  readonly key?: KeyObject;
  /** Of the issuer's signature. */
  readonly hash?: TestHash;
  readonly sha1?: boolean;
  /** Big-endian octets. */
  readonly serial?: Uint8Array;
  /** DER extensions appended as they are. */
  readonly extraExtensions?: readonly Buffer[];
  /** DER of a SubjectPublicKeyInfo, instead of the key's own. */
  readonly spkiDer?: Buffer;
}

export interface AuthorityOptions extends CommonOptions {
  readonly name?: string;
  readonly organization?: string;
  readonly issuer?: TestAuthority;
  /** basicConstraints cA; default true. */
  readonly isCa?: boolean;
  readonly pathLength?: number;
  /** DER of the subject Name, instead of name and organization. */
  readonly subjectDer?: Buffer;
  readonly noKeyIdentifiers?: boolean;
}

export interface CertificateOptions extends CommonOptions {
  /** DNS names, wildcards and IP addresses. */
  readonly names?: readonly string[];
  readonly issuer?: TestAuthority | 'self';
  /** Lifetime in hours from `notBefore`, instead of `notAfter`. */
  readonly hours?: number;
  /** OIDs; null leaves the extension out. Default serverAuth. */
  readonly eku?: readonly string[] | null;
  /** Policy OIDs; default domain-validated; empty leaves the extension out. */
  readonly policies?: readonly string[];
  /** Attributes by OID; default commonName = first name. */
  readonly subject?: Readonly<Record<string, string>>;
  readonly noSan?: boolean;
  readonly isCa?: boolean;
  /** The signature's last byte is spoilt. */
  readonly badSignature?: boolean;
}

const CN = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const DOMAIN_VALIDATED = '2.23.140.1.2.1';
const DEFAULT_LEAF_HOURS = 90 * 24;

const cached = new Map<string, KeyObject>();
let serialCounter = 0;
let defaultRoot: TestAuthority | undefined;
let defaultIntermediate: TestAuthority | undefined;

/** A private key. RSA ones are made once per `slot` and process: two certificates may share one. */
export function aKey(type: TestKeyType = 'ecdsa-prime256v1', slot = 'leaf'): KeyObject {
  if (!type.startsWith('rsa')) return generate(type);
  const found = cached.get(`${type}/${slot}`) ?? generate(type);
  cached.set(`${type}/${slot}`, found);
  return found;
}

/** PKCS#8 PEM, as our own keys are stored. */
export function keyPemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A self-signed root (2020 to 2040); without options always the same one. */
export function aRoot(options: AuthorityOptions = {}): TestAuthority {
  if (Object.keys(options).length > 0) return makeAuthority({ name: 'Test Root', ...options }, undefined);
  defaultRoot ??= makeAuthority({ name: 'Test Root' }, undefined);
  return defaultRoot;
}

/** An intermediate (2020 to 2040) under `issuer`, else under `aRoot()`; without options always the same one. */
export function anIntermediate(options: AuthorityOptions = {}): TestAuthority {
  const { issuer = aRoot(), ...others } = options;
  if (Object.keys(options).length > 0) return makeAuthority({ name: 'Test Intermediate', ...others }, issuer);
  defaultIntermediate ??= makeAuthority({ name: 'Test Intermediate' }, issuer);
  return defaultIntermediate;
}

/** A leaf: P-256, 90 days from 2026-05-01, DV, serverAuth, SANs, under `anIntermediate()`. */
export function aCertificate(options: CertificateOptions = {}): TestCertificate {
  const names = options.names ?? ['example.com', 'www.example.com'];
  const key = options.key ?? aKey(options.keyType);
  const notBefore = new Date(options.notBefore ?? '2026-05-01T00:00:00Z');
  const notAfter = new Date(
    options.notAfter ?? notBefore.getTime() + (options.hours ?? DEFAULT_LEAF_HOURS) * 3_600_000,
  );
  const subject = nameOf(options.subject ?? (names[0] === undefined ? {} : { [CN]: names[0] }));
  const issuer = options.issuer === 'self' ? undefined : (options.issuer ?? anIntermediate());
  const eku = options.eku === undefined ? [SERVER_AUTH] : options.eku;
  const policies = options.policies ?? (issuer === undefined ? [] : [DOMAIN_VALIDATED]);
  const bytes = certificateOf({
    ...options,
    key,
    subject,
    notBefore,
    notAfter,
    issuer: issuer ?? { subject, privateKey: key },
    extensions: [
      ...(options.noSan || names.length === 0 ? [] : [subjectAltName(names)]),
      basicConstraints(options.isCa ?? false),
      subjectKeyIdentifier(keyIdentifierOf(key)),
      ...(issuer === undefined ? [] : [authorityKeyIdentifier(issuer.keyIdentifier)]),
      ...(eku === null ? [] : [extension('2.5.29.37', false, w.sequence(...eku.map(w.oid)))]),
      ...(policies.length === 0
        ? []
        : [extension('2.5.29.32', false, w.sequence(...policies.map((p) => w.sequence(w.oid(p)))))]),
      ...(options.extraExtensions ?? []),
    ],
  });
  const certPem = w.pem('CERTIFICATE', bytes);
  const chainPem = certPem + (issuer?.chainPem ?? '');
  const keyPem = keyPemOf(key);
  return { certPem, der: bytes, keyPem, privateKey: key, chainPem, combined: keyPem + chainPem };
}

function makeAuthority(options: AuthorityOptions, issuer: TestAuthority | undefined): TestAuthority {
  const key = options.key ?? aKey(options.keyType, options.name);
  const subject =
    options.subjectDer ??
    nameOf({ [ORGANIZATION]: options.organization ?? 'Test Authority', [CN]: options.name ?? 'Test' });
  const keyIdentifier = keyIdentifierOf(key);
  const isCa = options.isCa ?? true;
  const bytes = certificateOf({
    ...options,
    key,
    subject,
    notBefore: new Date(options.notBefore ?? '2020-01-01T00:00:00Z'),
    notAfter: new Date(options.notAfter ?? '2040-01-01T00:00:00Z'),
    issuer: issuer ?? { subject, privateKey: key },
    extensions: [
      basicConstraints(isCa, options.pathLength),
      ...(isCa ? [extension('2.5.29.15', true, w.bits(Buffer.of(0x06), 1))] : []),
      ...(options.noKeyIdentifiers
        ? []
        : [
            subjectKeyIdentifier(keyIdentifier),
            ...(issuer === undefined ? [] : [authorityKeyIdentifier(issuer.keyIdentifier)]),
          ]),
      ...(options.extraExtensions ?? []),
    ],
  });
  const certPem = w.pem('CERTIFICATE', bytes);
  return {
    certPem,
    keyPem: keyPemOf(key),
    der: bytes,
    subject,
    privateKey: key,
    keyIdentifier,
    chainPem: issuer === undefined ? '' : certPem + issuer.chainPem,
  };
}

interface Parts extends CommonOptions {
  readonly key: KeyObject;
  readonly subject: Buffer;
  readonly issuer: { readonly subject: Buffer; readonly privateKey: KeyObject };
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Buffer[];
  readonly badSignature?: boolean;
}

function certificateOf(parts: Parts): Buffer {
  const hash = parts.sha1 ? 'sha1' : (parts.hash ?? 'sha256');
  const algorithm = signatureAlgorithmOf(parts.issuer.privateKey, hash);
  const tbs = w.sequence(
    w.tagged(0, w.integer(2)),
    w.integer(parts.serial ?? nextSerial()),
    algorithm,
    parts.issuer.subject,
    w.sequence(w.time(parts.notBefore), w.time(parts.notAfter)),
    parts.subject,
    parts.spkiDer ?? spkiOf(parts.key),
    ...(parts.extensions.length === 0 ? [] : [w.tagged(3, w.sequence(...parts.extensions))]),
  );
  const isEdwards = parts.issuer.privateKey.asymmetricKeyType?.startsWith('ed') ?? false;
  const signature = signBytes(isEdwards ? null : hash, tbs, parts.issuer.privateKey);
  if (parts.badSignature) signature.writeUInt8((signature.at(-1) ?? 0) ^ 1, signature.length - 1);
  return w.sequence(tbs, algorithm, w.bits(signature));
}

const RSA_SIGNATURES: Readonly<Record<TestHash, string>> = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};
const ECDSA_SIGNATURES: Readonly<Record<string, string>> = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};

/** DER of the AlgorithmIdentifier of a signature. */
export function signatureAlgorithmOf(key: KeyObject, hash: TestHash): Buffer {
  if (key.asymmetricKeyType === 'rsa') return w.sequence(w.oid(RSA_SIGNATURES[hash]), w.nothing());
  if (key.asymmetricKeyType === 'ec') return w.sequence(w.oid(ECDSA_SIGNATURES[hash] ?? ''));
  return w.sequence(w.oid('1.3.101.112'));
}

function generate(type: TestKeyType): KeyObject {
  if (type === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  const [family, detail = '', exponent] = type.split('-');
  return family === 'rsa'
    ? generateKeyPairSync('rsa', {
        modulusLength: Number(detail),
        publicExponent: exponent === 'e3' ? 3 : 0x10001,
      }).privateKey
    : generateKeyPairSync('ec', { namedCurve: detail }).privateKey;
}

/** DER of a key's SubjectPublicKeyInfo. */
export function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

function keyIdentifierOf(key: KeyObject): Buffer {
  return createHash('sha1').update(spkiOf(key)).digest();
}

/** DER of a Name with one attribute per RDN, in the order given. */
export function nameOf(attributes: Readonly<Record<string, string>>): Buffer {
  return w.sequence(
    ...Object.entries(attributes).map(([type, value]) => w.set(w.sequence(w.oid(type), w.utf8(value)))),
  );
}

export function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return w.sequence(w.oid(id), ...(isCritical ? [w.boolean(true)] : []), w.octets(value));
}

function subjectAltName(names: readonly string[]): Buffer {
  return extension(
    '2.5.29.17',
    false,
    w.sequence(
      ...names.map((name) =>
        isIP(name) === 0 ? w.implicit(2, Buffer.from(name, 'latin1')) : w.implicit(7, addressBytes(name)),
      ),
    ),
  );
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function basicConstraints(isCa: boolean, pathLength?: number): Buffer {
  const parts = isCa ? [w.boolean(true), ...(pathLength === undefined ? [] : [w.integer(pathLength)])] : [];
  return extension('2.5.29.19', true, w.sequence(...parts));
}

function subjectKeyIdentifier(identifier: Buffer): Buffer {
  return extension('2.5.29.14', false, w.octets(identifier));
}

function authorityKeyIdentifier(identifier: Buffer): Buffer {
  return extension('2.5.29.35', false, w.sequence(w.implicit(0, identifier)));
}

/** Serial numbers count up: the same certificate in every run of a test. */
function nextSerial(): Buffer {
  serialCounter += 1;
  const bytes = Buffer.alloc(16, 0x4a);
  bytes.writeUInt32BE(serialCounter, 12);
  return bytes;
}
