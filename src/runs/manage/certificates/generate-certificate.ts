import { certificateIdOf, keyIdOf, requestIdOf } from '../../../core/certificate/certificate-id.js';
import { createCsr, readCsr } from '../../../core/certificate/csr.js';
import { readPublicKey } from '../../../core/certificate/key/public-key.js';
import { readCertificate } from '../../../core/certificate/parse.js';
import { encodePem } from '../../../core/certificate/pem/pem.js';
import { createSelfSigned } from '../../../core/certificate/signing.js';
import type { SubjectAttribute } from '../../../core/certificate/subject.js';
import { UsageError } from '../../../core/domain/autossl-error.js';
import type { KeyType } from '../../../core/domain/key-type.js';
import { parseHostName, quoteForMessage } from '../../../core/domain/name/names.js';
import type { Clock, RandomSource } from '../../ports/clock.js';
import type { MaterialStore } from '../../ports/material.js';

/** What making a key, a request and a certificate needs of the world. */
export interface GenerateHost {
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomSource;
  readonly material: Pick<MaterialStore, 'save'>;
  /** What keys are made by where nothing else is asked for. */
  readonly keyType: KeyType;
  /** Unencrypted PEM. */
  makeKey(type: KeyType): Promise<string>;
}

/** What is asked for; texts are outside text. */
export interface GenerateRequest {
  readonly domains: readonly string[];
  /** In the order of the subject, beside the common name. */
  readonly subject: readonly SubjectAttribute[];
  /** Bits of an RSA key; null: the server's usual kind of key. */
  readonly keySize: number | null;
  /** For the request (RFC 2985 5.4.1); null: none. */
  readonly challengePassword: string | null;
  /** Whether a self-signed certificate is made too. */
  readonly withCertificate: boolean;
}

/** One thing that was made and kept. */
export interface Generated {
  readonly id: string;
  readonly pem: string;
  /** Its documented path. */
  readonly path: string;
}
export interface GeneratedMaterial {
  readonly key: Generated;
  readonly csr: Generated;
  readonly certificate: Generated | null;
}

/** Authorities take no more than that in one request. */
const MAX_DOMAINS = 100;
/** RFC 5280 appendix A: ub-organization-name and the like. */
const MAX_ATTRIBUTE_LENGTH = 64;
/** RFC 5280 appendix A: ub-emailaddress-length; also of a challenge password (RFC 2985 5.4.1). */
const MAX_LONG_LENGTH = 255;
/** As the documented self-signed certificates live. */
const LIFE_MS = 365 * 86_400_000;
/** BR 7.1: at least 64 bits of it are random. */
const SERIAL_BYTES = 16;

const KEY_SIZES: ReadonlyMap<number, KeyType> = new Map([
  [2048, 'rsa-2048'],
  [4096, 'rsa-4096'],
]);

/**
 * Makes a private key, a signing request and, where wanted, a self-signed certificate, and keeps them in root's own store.
 * @throws UsageError BAD_ARGUMENT, BAD_NAME with nothing kept; StateError WRITE_FAILED, NO_SPACE
 */
export async function generateCertificate(
  request: GenerateRequest,
  host: GenerateHost,
): Promise<GeneratedMaterial> {
  const names = [...new Set(request.domains.map(parseHostName))];
  const [first] = names;
  if (first === undefined) throw new UsageError('BAD_ARGUMENT', 'no domain was named');
  if (names.length > MAX_DOMAINS)
    throw new UsageError(
      'BAD_ARGUMENT',
      `${names.length} domains are more than the ${MAX_DOMAINS} that one request may have`,
    );
  for (const attribute of request.subject) checkAttribute(attribute);
  const { challengePassword } = request;
  if (challengePassword !== null) checkText('the password', challengePassword, MAX_LONG_LENGTH);
  // A common name that is too long is left out: clients look at the names.
  const commonName = first.length <= MAX_ATTRIBUTE_LENGTH ? [{ type: 'CN', value: first } as const] : [];
  const subject = [...request.subject, ...commonName];
  const keyPem = await host.makeKey(keyTypeOf(request.keySize, host));
  const csrDer = await createCsr({
    names,
    keyPem,
    subject,
    ...(challengePassword === null ? {} : { challengePassword }),
  });
  const key = readPublicKey(readCsr(csrDer).spki);
  const keep = async (kind: 'keys' | 'csrs' | 'certs', id: string, pem: string): Promise<Generated> => ({
    id,
    pem,
    path: await host.material.save(kind, id, pem),
  });
  const made = {
    key: await keep('keys', keyIdOf(key), keyPem),
    csr: await keep('csrs', requestIdOf(first, key, csrDer), encodePem('CERTIFICATE REQUEST', csrDer)),
  };
  if (!request.withCertificate) return { ...made, certificate: null };
  const notBefore = host.clock.now();
  const der = await createSelfSigned({
    names,
    subject,
    notBefore,
    notAfter: new Date(notBefore.getTime() + LIFE_MS),
    serial: host.random.bytes(SERIAL_BYTES),
    keyPem,
  });
  const certificate = await keep(
    'certs',
    certificateIdOf(readCertificate(der)),
    encodePem('CERTIFICATE', der),
  );
  return { ...made, certificate };
}

function keyTypeOf(size: number | null, { keyType }: GenerateHost): KeyType {
  if (size === null) return keyType;
  const type = KEY_SIZES.get(size);
  if (type !== undefined) return type;
  throw new UsageError('BAD_ARGUMENT', `keys of ${size} bits are not made`, {
    advice: `There are: ${[...KEY_SIZES.keys()].join(', ')}.`,
  });
}

function checkAttribute({ type, value }: SubjectAttribute): void {
  checkText(`the subject’s ${type}`, value, type === 'E' ? MAX_LONG_LENGTH : MAX_ATTRIBUTE_LENGTH);
  const isBad =
    (type === 'C' && !/^[A-Z]{2}$/.test(value)) || (type === 'E' && !/^[!-~]+@[!-~]+$/.test(value));
  if (isBad)
    throw new UsageError('BAD_ARGUMENT', `the subject’s ${type} cannot be ${quoteForMessage(value)}`);
}

function checkText(what: string, value: string, longest: number): void {
  if (value.length > longest)
    throw new UsageError('BAD_ARGUMENT', `${what} is longer than ${longest} characters`);
  if (/\p{Cc}/u.test(value)) throw new UsageError('BAD_ARGUMENT', `${what} has a control character`);
}
