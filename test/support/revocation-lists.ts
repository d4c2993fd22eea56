import { sign as signBytes } from 'node:crypto';
import * as w from './der-writer.js';
import { extension, PKI_NOW, signatureAlgorithmOf, type TestAuthority, type TestHash } from './pki.js';

const DAY_MS = 86_400_000;

/** One line of a list. */
export interface ListLine {
  /** Lower-case hex of the DER content octets, as `CertificateFacts.serial`. */
  readonly serial: string;
  readonly revokedAt?: Date;
  /** Number of RFC 5280 5.3.1. */
  readonly reason?: number;
  /** DER extensions appended as they are. */
  readonly extensions?: readonly Buffer[];
}

export interface ListOptions {
  readonly issuer: TestAuthority;
  readonly lines?: readonly ListLine[];
  readonly thisUpdate?: Date;
  /** Null leaves it out. */
  readonly nextUpdate?: Date | null;
  /** Of an issuing distribution point; absent: the list has none. */
  readonly scope?: ListScope;
  readonly extensions?: readonly Buffer[];
  readonly hash?: TestHash;
  readonly badSignature?: boolean;
}

export interface ListScope {
  readonly url?: string;
  readonly onlyUsers?: boolean;
  readonly onlyCas?: boolean;
  readonly onlySomeReasons?: boolean;
  readonly isIndirect?: boolean;
  readonly onlyAttributes?: boolean;
}

/** DER of a revocation list: made a day before `PKI_NOW`, for a week. */
export function aList(options: ListOptions): Buffer {
  const { issuer, lines = [], scope, hash = 'sha256' } = options;
  const thisUpdate = options.thisUpdate ?? new Date(PKI_NOW.getTime() - DAY_MS);
  const nextUpdate =
    options.nextUpdate === undefined ? new Date(thisUpdate.getTime() + 7 * DAY_MS) : options.nextUpdate;
  const extensions = [...(scope === undefined ? [] : [scopeExtension(scope)]), ...(options.extensions ?? [])];
  const algorithm = signatureAlgorithmOf(issuer.privateKey, hash);
  const tbs = w.sequence(
    w.integer(1),
    algorithm,
    issuer.subject,
    w.time(thisUpdate),
    ...(nextUpdate === null ? [] : [w.time(nextUpdate)]),
    ...(lines.length === 0 ? [] : [w.sequence(...lines.map(lineOf))]),
    ...(extensions.length === 0 ? [] : [w.tagged(0, w.sequence(...extensions))]),
  );
  const isEdwards = issuer.privateKey.asymmetricKeyType?.startsWith('ed') ?? false;
  const signature = signBytes(isEdwards ? null : hash, tbs, issuer.privateKey);
  if (options.badSignature === true) signature.writeUInt8((signature.at(-1) ?? 0) ^ 1, signature.length - 1);
  return w.sequence(tbs, algorithm, w.bits(signature));
}

/** The extension by which a certificate names its list. */
export function distributionPoints(...urls: readonly string[]): Buffer {
  return extension('2.5.29.31', false, w.sequence(...urls.map((url) => w.sequence(pointName(url)))));
}

/** The extension by which a certificate names an OCSP responder. */
export function ocspResponder(url: string): Buffer {
  const description = w.sequence(w.oid('1.3.6.1.5.5.7.48.1'), w.implicit(6, Buffer.from(url)));
  return extension('1.3.6.1.5.5.7.1.1', false, w.sequence(description));
}

/** A DistributionPointName with one URL, in its `[0]`. */
export function pointName(url: string): Buffer {
  return w.tagged(0, w.tagged(0, w.implicit(6, Buffer.from(url, 'latin1'))));
}

function lineOf({ serial, revokedAt, reason, extensions = [] }: ListLine): Buffer {
  const all = [
    ...(reason === undefined ? [] : [extension('2.5.29.21', false, w.der(0x0a, Buffer.of(reason)))]),
    ...extensions,
  ];
  return w.sequence(
    w.der(0x02, Buffer.from(serial, 'hex')),
    w.time(revokedAt ?? new Date('2026-05-30T12:00:00Z')),
    ...(all.length === 0 ? [] : [w.sequence(...all)]),
  );
}

function scopeExtension(scope: ListScope): Buffer {
  const flag = (n: number, isSet: boolean | undefined): readonly Buffer[] =>
    isSet === true ? [w.implicit(n, Buffer.of(0xff))] : [];
  return extension(
    '2.5.29.28',
    true,
    w.sequence(
      ...(scope.url === undefined ? [] : [pointName(scope.url)]),
      ...flag(1, scope.onlyUsers),
      ...flag(2, scope.onlyCas),
      ...(scope.onlySomeReasons === true ? [w.implicit(3, Buffer.of(6, 0x40))] : []),
      ...flag(4, scope.isIndirect),
      ...flag(5, scope.onlyAttributes),
    ),
  );
}
