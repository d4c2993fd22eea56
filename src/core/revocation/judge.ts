import { DerError } from '../certificate/der.js';
import { findRevocations, type RevocationList } from '../certificate/revocation/revocation-list.js';
import type { ListOrigin, OpenedList } from '../certificate/revocation/revocation-list-signature.js';
import type { ListFault, ListVerdict } from './verdict.js';

/** How far our clock may be behind the CA's, in ms; beyond an hour no run orders anything (design 5.19). */
const CLOCK_TOLERANCE_MS = 3_600_000;

/** Certificates of one issuer that name the same list. */
export interface ListQuestion {
  /** As `CertificateFacts.serial`. */
  readonly serials: ReadonlySet<string>;
  /** As the certificates name it. */
  readonly url: string;
  readonly now: Date;
}

/**
 * What a revocation list says of these certificates (RFC 5280 6.3.3). Lists that somebody other than the issuer makes
 * (indirect), that hold changes only (delta), or that speak of other certificates (another shard, some reasons, CAs) are
 * not used: unknown. So is one that does not hold today. Never throws.
 */
export function judgeRevocations(opened: OpenedList, { serials, url, now }: ListQuestion): ListVerdict {
  if (opened.state === 'malformed') return malformed(opened.why);
  const { list, origin } = opened;
  const fault = faultOfKind(list, url) ?? faultOfOrigin(origin) ?? faultOfTime(list, now);
  if (fault !== null) return { status: 'unknown', fault };
  const { thisUpdate, nextUpdate } = list;
  try {
    const revoked = findRevocations(list, serials);
    return { status: 'known', revoked, thisUpdate, nextUpdate: nextUpdate ?? thisUpdate };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return malformed(error.message);
  }
}

function malformed(why: string): ListVerdict {
  return { status: 'unknown', fault: { code: 'MALFORMED', why: `cannot be read: ${why}` } };
}

function faultOfKind({ isDelta, scope, unknownCritical }: RevocationList, url: string): ListFault | null {
  if (isDelta) return { code: 'DELTA', why: 'holds only changes to another one' };
  if (unknownCritical !== null) {
    return { code: 'UNKNOWN_EXTENSION', why: `has a critical extension ${unknownCritical}` };
  }
  if (scope === null) return null;
  if (scope.isIndirect) return { code: 'INDIRECT', why: 'speaks for several issuers' };
  const isOther =
    scope.onlyCas ||
    scope.onlyAttributes ||
    scope.onlySomeReasons ||
    (scope.urls !== null && !scope.urls.includes(url));
  return isOther ? { code: 'OTHER_SCOPE', why: 'speaks of other certificates' } : null;
}

function faultOfOrigin(origin: ListOrigin): ListFault | null {
  switch (origin) {
    case 'its own':
      return null;
    case 'of another':
      return { code: 'OF_ANOTHER_ISSUER', why: 'was made by another issuer' };
    case 'not allowed':
      return { code: 'ISSUER_MAY_NOT_SIGN', why: 'was made by an issuer that may not make lists' };
    case 'bad signature':
      return { code: 'BAD_SIGNATURE', why: 'is not signed by the issuer of the certificates' };
  }
}

function faultOfTime({ thisUpdate, nextUpdate }: RevocationList, now: Date): ListFault | null {
  if (thisUpdate.getTime() - CLOCK_TOLERANCE_MS > now.getTime()) {
    return { code: 'NOT_YET_VALID', why: `is of ${thisUpdate.toISOString()}, which has not come yet` };
  }
  if (nextUpdate === null) return { code: 'WITHOUT_END', why: 'does not say how long it holds' };
  return now > nextUpdate ? { code: 'EXPIRED', why: `held until ${nextUpdate.toISOString()}` } : null;
}
