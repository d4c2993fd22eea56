import { coversName } from '../../domain/name/coverage.js';
import { parseWantedName, printable } from '../../domain/name/names.js';
import { isVerified, linkOf } from '../chain/chain-link.js';
import type { CertificateFacts } from '../facts.js';
import { readCertificate } from '../parse.js';
import { decodePem, splitPem } from '../pem/pem.js';
import { leafBelongsToKey } from './leaf-belongs.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How far a CA's clock may be ahead of ours before its certificate counts as not valid yet, in ms. */
const CLOCK_GRACE_MS = 5 * MINUTE_MS;
/** With less of its own life left a certificate would be replaced at once: half of a short life, a third of others. */
const SHORT_LIFE_MS = 10 * DAY_MS;
const SHORT_LIFE_RATIO = 1 / 2;
const LIFE_RATIO = 1 / 3;
/** How far CAs date certificates back at most (Let's Encrypt: an hour), in ms. */
const MOST_BACKDATED_MS = DAY_MS;
/** Names told of at most. */
const MOST_TOLD = 5;

/** Why a certificate that a CA delivered is not put in place. */
export type UnfitCode =
  | 'UNREADABLE'
  | 'WRONG_KEY'
  | 'NAMES_LACKING'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'DUE_AT_ONCE'
  | 'CHAIN_BROKEN';

export interface Unfit {
  readonly code: UnfitCode;
  /** One printable clause, to be read after “its certificate”. */
  readonly words: string;
  /** It was made for this order and has expired since: fetching it again brings no other. */
  readonly isTooLate: boolean;
}

export type IssuedFitness =
  | {
      readonly isFit: true;
      /** Names that it has and nobody ordered, printable. */
      readonly further: readonly string[];
    }
  | { readonly isFit: false; readonly unfit: Unfit };

/** What an order is for, and what its CA delivered. */
export interface IssuedChain {
  /** Leaf first; a root may be absent. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** Identifiers of the order. */
  readonly names: readonly string[];
  readonly orderedAt: Date;
}

/**
 * Whether a downloaded certificate may be put in place: its key is ours, it is good for every identifier of the order, it is
 * valid now and (unless it was made for this order and fetched late) not due for renewal by its own life, and each certificate
 * of the chain signed the one before it. Whom visitors trust is judged elsewhere. The first fault is given. @throws UsageError BAD_NAME for names that no order has
 */
export function judgeIssued({ chainPem, keyPem, names, orderedAt }: IssuedChain, now: Date): IssuedFitness {
  const chain = readChain(chainPem);
  const leaf = chain?.[0];
  if (chain === null || leaf === undefined) return unfit('UNREADABLE', 'cannot be read');
  if (!leafBelongsToKey(chainPem, keyPem))
    return unfit('WRONG_KEY', 'is for another key than the one ordered for');
  const wanted = names.map(parseWantedName);
  const lacking = wanted.filter((name) => !coversName(leaf, name));
  if (lacking.length > 0)
    return unfit('NAMES_LACKING', `lacks ${listed(lacking)} (it names ${listed(namesOf(leaf))})`);
  const timing = faultOfTime(leaf, now);
  if (timing !== null) {
    const isItsOwn = leaf.notBefore.getTime() >= orderedAt.getTime() - MOST_BACKDATED_MS;
    // Its own one that was long in coming is good until it expires, and is renewed from where it lies.
    if (!isItsOwn || timing.code !== 'DUE_AT_ONCE')
      return { isFit: false, unfit: { ...timing, isTooLate: isItsOwn && timing.code === 'EXPIRED' } };
  }
  if (!isLinked(chain))
    return unfit(
      'CHAIN_BROKEN',
      'comes with a chain in which one certificate did not sign the one before it',
    );
  const asked = new Set<string>(wanted);
  return {
    isFit: true,
    further: namesOf(leaf)
      .filter((name) => !asked.has(name))
      .map(printable),
  };
}

function faultOfTime({ notBefore, notAfter }: CertificateFacts, now: Date): Omit<Unfit, 'isTooLate'> | null {
  if (notBefore.getTime() > now.getTime() + CLOCK_GRACE_MS)
    return { code: 'NOT_YET_VALID', words: `is not valid before ${notBefore.toISOString()}` };
  if (notAfter <= now) return { code: 'EXPIRED', words: `expired at ${notAfter.toISOString()}` };
  const lifeMs = notAfter.getTime() - notBefore.getTime();
  const margin = lifeMs * (lifeMs < SHORT_LIFE_MS ? SHORT_LIFE_RATIO : LIFE_RATIO);
  return now.getTime() >= notAfter.getTime() - margin
    ? {
        code: 'DUE_AT_ONCE',
        words: `expires at ${notAfter.toISOString()} already, and would have to be replaced at once`,
      }
    : null;
}

/** Null: something in it is no certificate. */
function readChain(chainPem: string): CertificateFacts[] | null {
  try {
    return splitPem(chainPem).map((block) => readCertificate(decodePem(block)));
  } catch {
    return null;
  }
}

function isLinked(chain: readonly CertificateFacts[]): boolean {
  try {
    const links = chain.map(linkOf);
    return links.every((link, depth) => {
      const issuer = links[depth + 1];
      return (
        issuer === undefined ||
        (link.issuerKey === issuer.subjectKey && isVerified(link, issuer, depth === 0))
      );
    });
  } catch {
    return false;
  }
}

function namesOf({ dnsNames, ipAddresses }: CertificateFacts): readonly string[] {
  return [...dnsNames, ...ipAddresses];
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const told = names.slice(0, MOST_TOLD).map(printable).join(', ');
  return names.length > MOST_TOLD ? `${told} and ${names.length - MOST_TOLD} more` : told;
}

function unfit(code: UnfitCode, words: string): IssuedFitness {
  return { isFit: false, unfit: { code, words, isTooLate: false } };
}
