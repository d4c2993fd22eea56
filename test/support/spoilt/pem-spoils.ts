import { writeFileSync } from 'node:fs';
import { aCertificate, aKey, keyPemOf } from '../pki.js';
import { inFile, pick, type Spoil, UNSPOILT } from './spoil.js';

const NAMES = ['site0.spoilt.test', 'www.site0.spoilt.test', 'mail.site0.spoilt.test'];
const IS_PEM = '-----BEGIN ';
const MANY = 3000;

const selfSigned = (notBefore: string, notAfter: string, names: readonly string[] = NAMES): string =>
  aCertificate({ names, issuer: 'self', notBefore, notAfter }).combined;

/** What lies where a pair, a chain or a key should. */
const ODD_PEMS: readonly ((text: string) => string | Buffer)[] = [
  () => selfSigned('1950-01-01T00:00:00Z', '1970-01-01T00:00:00Z'),
  () => selfSigned('1970-01-01T00:00:00Z', '1970-01-01T00:00:01Z'),
  () => selfSigned('1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'),
  () => selfSigned('9999-12-31T23:59:58Z', '9999-12-31T23:59:59Z'),
  () => selfSigned('2040-01-01T00:00:00Z', '2020-01-01T00:00:00Z'),
  () => selfSigned('2026-01-01T00:00:00Z', '2050-01-01T00:00:00Z', ['*']),
  () => selfSigned('2026-01-01T00:00:00Z', '2050-01-01T00:00:00Z', []),
  () =>
    selfSigned('2026-01-01T00:00:00Z', '2050-01-01T00:00:00Z', ['\u001b[2J.test', '-.test', 'a'.repeat(300)]),
  () => aCertificate({ names: NAMES, badSignature: true }).combined,
  () => aCertificate({ names: NAMES, keyType: 'ed25519' }).combined,
  () => aCertificate({ names: NAMES, keyType: 'rsa-1024', hash: 'md5' }).combined,
  () => aCertificate({ names: NAMES, isCa: true }).combined,
  () => aCertificate({ names: NAMES }).der,
  () => aCertificate({ names: NAMES }).certPem.repeat(MANY),
  // The key of another one.
  (text) => text.replace(/-----BEGIN [A-Z ]*KEY-----[\s\S]*?-----END [A-Z ]*KEY-----\n/, keyPemOf(aKey())),
  (text) => text.replace(/-----BEGIN [A-Z ]*KEY-----[\s\S]*?-----END [A-Z ]*KEY-----\n/, ''),
  (text) => text.replace(/-----END [A-Z ]*-----/, ''),
  (text) => text.replace(/-----BEGIN [A-Z ]*-----/g, '-----BEGIN GARBAGE-----'),
  (text) => text.replace(/\n[A-Za-z0-9+/]{20}/, '\n!!!!'),
  (text) => text.replaceAll('\n', ''),
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll('\n', '\r'),
  (text) => `not a certificate\n${text}\nnor this`,
  (text) =>
    text
      .split(/(?=-----BEGIN )/)
      .reverse()
      .join(''),
  (text) =>
    text
      .split(/(?=-----BEGIN )/)
      .slice(0, -1)
      .join(''),
  () => '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
  () => '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n',
  () => '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n',
];

/** A file with PEM in it holds other PEM, or nearly. */
export const oddPem: Spoil = inFile((path, chance, bytes) => {
  const text = bytes.toString('latin1');
  if (!text.includes(IS_PEM)) return UNSPOILT;
  const [which, odd] = pick([...ODD_PEMS.entries()], chance);
  writeFileSync(path, odd(text));
  return `odd PEM ${which}`;
});
