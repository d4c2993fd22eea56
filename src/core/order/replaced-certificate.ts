import { problemCode } from './problem-type.js';
import type { AcmeProblem } from './resources.js';

/** A certificate that we got, as `issued/` remembers it. */
export interface ReplaceableCertificate {
  readonly fingerprint: string;
  readonly directoryUrl: string;
  /** Null: we did not order it ourselves. */
  readonly acmeAccountUrl: string | null;
  readonly names: readonly string[];
  /** RFC 9773 section 4.1; null: it has none. */
  readonly ariCertificateId: string | null;
  /** What it replaced by its own order; absent or null: nothing that was named. */
  readonly replaces?: string | null;
}

/**
 * The certificate id that an order names in `replaces`; null: none. RFC 9773 section 5: of the same ACME account, with a name in
 * common, and not replaced already by another of our certificates. The one in place comes first, then the newest. It may have
 * expired: a CA exempts its successor from its limits all the same.
 * @param issued newest first
 */
export function replacedCertificate(
  issued: readonly ReplaceableCertificate[],
  order: {
    readonly names: readonly string[];
    readonly directoryUrl: string;
    readonly acmeAccountUrl: string;
    /** Fingerprint of the certificate in place; null: nothing. */
    readonly inPlace: string | null;
  },
): string | null {
  const replaced = new Set(issued.map(({ replaces }) => replaces ?? null));
  const names = new Set(order.names);
  const candidates = issued.filter(
    (one) =>
      one.ariCertificateId !== null &&
      !replaced.has(one.ariCertificateId) &&
      one.directoryUrl === order.directoryUrl &&
      one.acmeAccountUrl === order.acmeAccountUrl &&
      one.names.some((name) => names.has(name)),
  );
  const inPlace = candidates.find(({ fingerprint }) => fingerprint === order.inPlace);
  return (inPlace ?? candidates[0])?.ariCertificateId ?? null;
}

/**
 * Whether a refusal of newOrder may be for what it said to replace: it was replaced (409, `alreadyReplaced`, or `conflict` as some
 * name it), or the CA does not know it, or not as ours (404, and the codes that Boulder and Pebble give for that). Then the same is
 * ordered once without.
 */
export function mayBeForReplaces(problem: AcmeProblem): boolean {
  // What is said of an identifier is not said of the whole.
  if (problem.identifier !== null || problem.subproblems.length > 0) return false;
  return problem.status === 409 || problem.status === 404 || FOR_REPLACES.has(problemCode(problem));
}

const FOR_REPLACES: ReadonlySet<string> = new Set([
  'alreadyReplaced',
  'conflict',
  'notFound',
  'malformed',
  'unauthorized',
]);
