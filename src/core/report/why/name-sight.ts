import { judgeFetch } from '../../dcv/judge-fetch.js';
import type { AddressObservation, DcvObservation, DcvOutcome, HttpHop } from '../../dcv/outcome.js';
import { type DcvPolicy, isOwnAddress } from '../../dcv/private-view.js';
import type { ChallengeMethod } from '../../domain/challenge-method.js';
import { printable } from '../../domain/name/names.js';

/** What is seen of a name now. Plain JSON, texts printable. */
export type NameSight =
  /** Nobody looked, and why. */
  | { readonly state: 'not-looked'; readonly why: string; readonly isOurFault: boolean }
  | {
      readonly state: 'looked';
      /** How it was tried at last; null: only DNS was asked, `whyNotTried` says why. */
      readonly method: ChallengeMethod | null;
      readonly whyNotTried: string | null;
      /** Null for what has none: a wildcard. */
      readonly addresses: readonly SeenAddress[] | null;
      /** Of a name without addresses: ENOTFOUND, ESERVFAIL …; else null. */
      readonly lookupError: string | null;
      /** Where the test file was fetched, IPv6 first. */
      readonly places: readonly SeenPlace[];
      /** Null: nothing was judged. */
      readonly outcome: SeenOutcome | null;
    };

export interface SeenAddress {
  readonly address: string;
  readonly isOurs: boolean;
}

export interface SeenPlace extends SeenAddress {
  /** Where it was asked instead, from inside; null: at the address itself. */
  readonly localAddress: string | null;
  /** `unanswered`: no connection came about. */
  readonly result: 'passed' | 'failed' | 'unanswered';
  readonly code: string | null;
  /** What it did, as the end of a sentence that begins with the address. */
  readonly message: string;
  readonly hops: readonly HttpHop[];
}

export type SeenOutcome =
  | { readonly passed: true; readonly warnings: readonly string[] }
  | Pick<
      Extract<DcvOutcome, { passed: false }>,
      'passed' | 'code' | 'message' | 'advice' | 'isConclusive' | 'fault'
    >;

type Own = Pick<DcvPolicy, 'ownAddresses' | 'addressMap'>;

export function seenAddresses({ ipv4, ipv6 }: AddressObservation, own: Own): readonly SeenAddress[] {
  return [...ipv6, ...ipv4].map((address) => ({ address, isOurs: isOwnAddress(address, own) }));
}

/** The heavier of both families' errors; null when there are addresses. */
export function lookupErrorOf({ ipv4, ipv6, ipv4Error, ipv6Error }: AddressObservation): string | null {
  if (ipv4.length + ipv6.length > 0) return null;
  const errors = [ipv4Error, ipv6Error].filter((error) => error !== null && error !== 'ENODATA');
  const error = errors[0] ?? ipv4Error ?? ipv6Error;
  return error === null ? null : printable(error);
}

/** What each address did when a challenge file was fetched there. */
export function seenPlaces(
  { fetches, expectedBody }: Pick<DcvObservation, 'fetches' | 'expectedBody'>,
  policy: DcvPolicy,
): readonly SeenPlace[] {
  return fetches.map(({ address, localAddress, observation }) => {
    const finding = judgeFetch(observation, expectedBody, policy.maxRedirects);
    const hops = observation.hops.map((hop) => ({
      ...hop,
      url: printable(hop.url),
      location: hop.location === null ? null : printable(hop.location),
    }));
    const place = {
      address,
      isOurs: isOwnAddress(address, policy),
      localAddress: localAddress ?? null,
      hops,
    };
    if (finding.kind !== 'passed') {
      return { ...place, result: finding.kind, code: finding.code, message: finding.what.replace(/^ /, '') };
    }
    return { ...place, result: 'passed', code: null, message: 'gave the test file' };
  });
}
