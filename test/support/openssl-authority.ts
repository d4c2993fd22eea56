import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateFacts } from '../../src/core/certificate/facts.js';
import { readCertificate } from '../../src/core/certificate/parse.js';
import { decodePem, splitPem } from '../../src/core/certificate/pem/pem.js';

/** An authority kept by openssl(1) in a folder: certificates, revocations and lists are none of our making. */
export class OpensslAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'autossl-crl-'));
  readonly facts: CertificateFacts;

  constructor(listUrl: string, keyOptions: readonly string[], responderUrl: string | null = null) {
    writeFileSync(
      this.path('ca.cnf'),
      `[ca]
default_ca = own
[own]
database = ${this.path('index.txt')}
serial = ${this.path('serial')}
new_certs_dir = ${this.folder}
certificate = ${this.path('ca.pem')}
private_key = ${this.path('ca.key')}
default_md = sha256
default_days = 30
default_crl_hours = 48
policy = any
x509_extensions = leaf
crl_extensions = list
[any]
commonName = supplied
[leaf]
subjectAltName = DNS:a.test
extendedKeyUsage = serverAuth
${responderUrl === null ? `crlDistributionPoints = URI:${listUrl}` : `authorityInfoAccess = OCSP;URI:${responderUrl}`}
[responder]
extendedKeyUsage = OCSPSigning
[list]
authorityKeyIdentifier = keyid
issuingDistributionPoint = critical, @scope
[scope]
fullname = URI:${listUrl}
onlyuser = TRUE
[req]
distinguished_name = name
[name]
`,
    );
    writeFileSync(this.path('index.txt'), '');
    writeFileSync(this.path('serial'), '7C0FFEE0');
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      ...keyOptions,
      '-nodes',
      '-days',
      '60',
      '-subj',
      '/CN=List CA',
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
      '-keyout',
      this.path('ca.key'),
      '-out',
      this.path('ca.pem'),
    );
    this.facts = read(this.path('ca.pem'));
  }

  /** `section`: with the extensions of a website (`leaf`), or of one that answers for this authority (`responder`). */
  issue(name: string, section: 'leaf' | 'responder' = 'leaf'): CertificateFacts {
    const [key, request, cert] = [
      this.path(`${name}.key`),
      this.path(`${name}.csr`),
      this.path(`${name}.pem`),
    ];
    const ec = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    this.#openssl(
      'req',
      '-new',
      '-newkey',
      ...ec,
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      key,
      '-out',
      request,
    );
    this.#openssl('ca', '-batch', '-notext', '-extensions', section, '-in', request, '-out', cert);
    return read(cert);
  }

  revoke(name: string, ...words: readonly string[]): void {
    this.#openssl('ca', '-revoke', this.path(`${name}.pem`), ...words);
  }

  /** DER of a list of what is revoked now. */
  list(): Buffer {
    this.#openssl('ca', '-gencrl', '-out', this.path('list.pem'));
    this.#openssl('crl', '-in', this.path('list.pem'), '-outform', 'DER', '-out', this.path('list.der'));
    return readFileSync(this.path('list.der'));
  }

  /** Arguments of openssl(1) for answering as this authority, signed by the certificate of that name. */
  answering(signer: string, ...words: readonly string[]): readonly string[] {
    return [
      'ocsp',
      '-index',
      this.path('index.txt'),
      '-CA',
      this.path('ca.pem'),
      '-rsigner',
      this.path(`${signer}.pem`),
      '-rkey',
      this.path(`${signer}.key`),
      ...words,
    ];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #openssl(...words: readonly string[]): void {
    const config = words[0] === 'crl' ? [] : ['-config', this.path('ca.cnf')];
    execFileSync('openssl', [...words, ...config], { stdio: 'pipe' });
  }

  path(name: string): string {
    return join(this.folder, name);
  }
}

function read(path: string): CertificateFacts {
  const [block] = splitPem(readFileSync(path, 'utf8'));
  if (block === undefined) throw new Error(`${path} holds nothing`);
  return readCertificate(decodePem(block));
}
