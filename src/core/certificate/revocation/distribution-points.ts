import { parsedUrl } from '../../domain/parsed-url.js';
import {
  contextConstructed,
  contextPrimitive,
  type DerCursor,
  latin1,
  objectIdentifier,
  TAG,
} from '../der.js';

/** id-ad-ocsp (RFC 5280 4.2.2.1). */
const OCSP = '1.3.6.1.5.5.7.48.1';
/** What we would fetch: printable ASCII without spaces; longer ones are no addresses. */
const FETCHABLE = /^https?:\/\/[\x21-\x7e]{1,2000}$/i;

/**
 * Where a certificate's revocation list lies (RFC 5280 4.2.1.13): http and https URLs as written, of points that stand
 * for all reasons and whose list the certificate's own issuer makes. @throws DerError
 */
export function readDistributionPoints(value: DerCursor): string[] {
  const points = value.enter(TAG.sequence, 'the CRL distribution points');
  const urls: string[] = [];
  while (!points.isAtEnd) {
    const point = points.enter(TAG.sequence, 'a CRL distribution point');
    const name = point.takeIf(contextConstructed(0), 'a distribution point’s name');
    const isWhole = point.isAtEnd;
    if (name !== undefined && isWhole) urls.push(...(readPointName(point.into(name)) ?? []));
  }
  return urls;
}

/** The URLs of a DistributionPointName; null for one that is relative to an issuer's name. @throws DerError */
export function readPointName(name: DerCursor): string[] | null {
  const fullName = name.takeIf(contextConstructed(0), 'a distribution point’s full name');
  if (fullName === undefined) return null;
  const names = name.into(fullName);
  const urls: string[] = [];
  while (!names.isAtEnd) urls.push(...urlOf(names));
  return urls;
}

/** Where the issuer answers for single certificates (RFC 6960): http and https URLs as written. @throws DerError */
export function readOcspResponders(value: DerCursor): string[] {
  const descriptions = value.enter(TAG.sequence, 'the authority information access');
  const urls: string[] = [];
  while (!descriptions.isAtEnd) {
    const description = descriptions.enter(TAG.sequence, 'an access description');
    const method = objectIdentifier(description, description.next('an access method'));
    if (method === OCSP) urls.push(...urlOf(description));
  }
  return urls;
}

/** The next GeneralName, if it is a URL that we would fetch. */
function urlOf(names: DerCursor): string[] {
  const name = names.next('a general name');
  const text = name.tag === contextPrimitive(6) ? latin1(names.contents(name)) : '';
  return FETCHABLE.test(text) && parsedUrl(text) !== null ? [text] : [];
}
