import {
  asBuffer,
  bitStringOctets,
  contextConstructed,
  contextPrimitive,
  DerCursor,
  DerError,
  type DerValue,
  hex,
  objectIdentifier,
  TAG,
  time,
} from '../der.js';
import { readPointName } from './distribution-points.js';

/** RFC 5280 5.3.1, each at its number; 7 is not used and says nothing. */
export const REVOCATION_REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unspecified',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** One certificate's line of a revocation list. */
export interface Revocation {
  readonly revokedAt: Date;
  readonly reason: RevocationReason;
}

/** A certificate revocation list (RFC 5280 5.1), its lines unread: views into its DER. Nothing is judged. */
export interface RevocationList {
  /** What is signed. */
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  /** Null: it does not say how long it holds. */
  readonly nextUpdate: Date | null;
  /** Where the lines lie; null when there are none. */
  readonly lines: DerValue | null;
  /** For reading `lines`; over the whole file. */
  readonly cursor: DerCursor;
  /** Changes to another list only. */
  readonly isDelta: boolean;
  readonly scope: RevocationScope | null;
  /** A critical extension that we do not know, dotted. */
  readonly unknownCritical: string | null;
}

/** IssuingDistributionPoint (RFC 5280 5.2.5): which certificates a list speaks of. */
export interface RevocationScope {
  /** Null: of all points. Empty: of points that are named by other than URLs. */
  readonly urls: readonly string[] | null;
  readonly isIndirect: boolean;
  readonly onlyCas: boolean;
  readonly onlyAttributes: boolean;
  readonly onlySomeReasons: boolean;
}

const ISSUING_DISTRIBUTION_POINT = '2.5.29.28';
const DELTA_INDICATOR = '2.5.29.27';
const REASON_CODE = '2.5.29.21';
/** Lines' extensions beside the reason that change nothing for us: invalidityDate, and holdInstructionCode of old. */
const HARMLESS_LINE_EXTENSIONS: readonly string[] = ['2.5.29.24', '2.5.29.23'];
const TAG_ENUMERATED = 0x0a;

/** @throws DerError naming the part that is wrong */
export function readRevocationList(bytes: Uint8Array): RevocationList {
  const file = new DerCursor(bytes);
  const outer = file.enter(TAG.sequence, 'the list');
  const tbsValue = outer.take(TAG.sequence, 'the list’s body');
  const signatureAlgorithm = outer.whole(outer.take(TAG.sequence, 'the signature algorithm'));
  const signature = bitStringOctets(outer, outer.take(TAG.bitString, 'the signature'));

  const tbs = outer.into(tbsValue);
  tbs.takeIf(TAG.integer, 'the version');
  const innerAlgorithm = tbs.whole(tbs.take(TAG.sequence, 'the inner signature algorithm'));
  if (!asBuffer(innerAlgorithm).equals(signatureAlgorithm)) {
    throw new DerError('the two signature algorithms differ');
  }
  const issuer = tbs.whole(tbs.take(TAG.sequence, 'the issuer'));
  const thisUpdate = time(tbs, tbs.next('thisUpdate'), 'thisUpdate');
  const nextUpdate = isTime(tbs.peek()) ? time(tbs, tbs.next('nextUpdate'), 'nextUpdate') : null;
  const lines = tbs.takeIf(TAG.sequence, 'the revoked certificates') ?? null;
  const extensions = tbs.takeIf(contextConstructed(0), 'the list’s extensions');
  return {
    tbs: outer.whole(tbsValue),
    signatureAlgorithm,
    signature,
    issuer,
    thisUpdate,
    nextUpdate,
    lines,
    cursor: tbs,
    ...readListExtensions(extensions && tbs.into(extensions).enter(TAG.sequence, 'the list’s extensions')),
  };
}

/**
 * The lines of these serial numbers (hex as in `CertificateFacts.serial`). Every line is looked at, none is kept but
 * these: memory does not grow with the list.
 * @throws DerError, also for a line with a critical extension that we do not know: then nobody may use the list (5.3)
 */
export function findRevocations(
  list: RevocationList,
  serials: ReadonlySet<string>,
): ReadonlyMap<string, Revocation> {
  const found = new Map<string, Revocation>();
  const lines = list.lines === null ? null : list.cursor.into(list.lines);
  while (lines !== null && !lines.isAtEnd) {
    const line = lines.enter(TAG.sequence, 'a revoked certificate');
    const serial = hex(line.contents(line.take(TAG.integer, 'a serial number')));
    const revokedAt = line.next('a revocation date');
    const reason = line.isAtEnd ? 'unspecified' : readReason(line);
    if (serials.has(serial)) {
      found.set(serial, { revokedAt: time(line, revokedAt, 'a revocation date'), reason });
    }
  }
  return found;
}

function isTime(tag: number | undefined): boolean {
  return tag === TAG.utcTime || tag === TAG.generalizedTime;
}

function readReason(line: DerCursor): RevocationReason {
  let reason: RevocationReason = 'unspecified';
  for (const { oid, isCritical, value } of extensionsIn(line.enter(TAG.sequence, 'a line’s extensions'))) {
    if (oid === REASON_CODE) {
      reason = reasonIn(value);
    } else if (isCritical && !HARMLESS_LINE_EXTENSIONS.includes(oid)) {
      throw new DerError(`a line has the critical extension ${oid}, which is not known here`);
    }
  }
  return reason;
}

/** A CRLReason; numbers that nobody defined say nothing. @throws DerError */
export function reasonIn(value: DerCursor): RevocationReason {
  const number = value.contents(value.take(TAG_ENUMERATED, 'a reason'));
  return (number.length === 1 ? REVOCATION_REASONS[number[0] ?? 0] : undefined) ?? 'unspecified';
}

function readListExtensions(
  extensions: DerCursor | undefined,
): Pick<RevocationList, 'isDelta' | 'scope' | 'unknownCritical'> {
  let isDelta = false;
  let scope: RevocationScope | null = null;
  let unknownCritical: string | null = null;
  if (extensions === undefined) return { isDelta, scope, unknownCritical };
  for (const { oid, isCritical, value } of extensionsIn(extensions)) {
    if (oid === DELTA_INDICATOR) isDelta = true;
    else if (oid === ISSUING_DISTRIBUTION_POINT) {
      if (scope !== null) throw new DerError('the list says twice what it speaks of');
      scope = readScope(value);
    } else if (isCritical) unknownCritical ??= oid;
  }
  return { isDelta, scope, unknownCritical };
}

function readScope(value: DerCursor): RevocationScope {
  const point = value.enter(TAG.sequence, 'the issuing distribution point');
  const name = point.takeIf(contextConstructed(0), 'the distribution point’s name');
  const flag = (n: number): boolean => {
    const given = point.takeIf(contextPrimitive(n), 'a flag of the issuing distribution point');
    return given !== undefined && point.contents(given).some((octet) => octet !== 0);
  };
  flag(1);
  const onlyCas = flag(2);
  // A bit string; whatever reasons it names, others are left out.
  const onlySomeReasons = point.takeIf(contextPrimitive(3), 'the reasons') !== undefined;
  return {
    urls: name === undefined ? null : (readPointName(point.into(name)) ?? []),
    onlyCas,
    onlySomeReasons,
    isIndirect: flag(4),
    onlyAttributes: flag(5),
  };
}

export interface RevocationExtension {
  readonly oid: string;
  readonly isCritical: boolean;
  readonly value: DerCursor;
}

/** The extensions of a list, a line, or an answer. @throws DerError */
export function* extensionsIn(sequence: DerCursor): Generator<RevocationExtension> {
  while (!sequence.isAtEnd) {
    const extension = sequence.enter(TAG.sequence, 'an extension');
    const oid = objectIdentifier(extension, extension.take(TAG.objectIdentifier, 'an extension’s name'));
    const critical = extension.takeIf(TAG.boolean, 'an extension’s criticality');
    const isCritical = critical !== undefined && extension.contents(critical).some((octet) => octet !== 0);
    const value = extension.into(extension.take(TAG.octetString, 'an extension’s value'));
    yield { oid, isCritical, value };
  }
}
