import type { CompletedChain } from '../../certificate/offered/complete-chain.js';
import type { OfferFinding } from '../../certificate/offered/offer.js';
import type { DefectCode, Evaluation } from '../../evaluation/evaluation.js';

/** What a certificate that somebody hands over is judged by, before anything is touched. */
export interface OfferedCertificate {
  /** As it would be if it lay there, its chain completed. */
  readonly evaluation: Pick<Evaluation, 'defects'>;
  readonly chain: CompletedChain['status'];
  /** Whether its extended key usage is absent: then no client asks for serverAuth. */
  readonly isForAnyPurpose: boolean;
}

/** Refused when there is any refusal; the first is the most telling. */
export interface OfferVerdict {
  readonly refusals: readonly OfferFinding[];
  readonly warnings: readonly OfferFinding[];
}

/** Clients cannot use what is served with it, or a daemon may not even start. */
const REFUSED: ReadonlyMap<DefectCode, string> = new Map<DefectCode, string>([
  ['REVOKED', 'Have another one issued.'],
  ['KEY_COMPROMISED', 'Have one issued for another key.'],
  ['CERTIFICATE_EXPIRED', 'Have it renewed first.'],
  ['CERTIFICATE_NOT_YET_VALID', 'Install it when it is valid; is the clock of this server right?'],
  ['RSA_KEY_TOO_SMALL', 'Have one issued for a stronger key.'],
  ['RSA_EXPONENT_WEAK', 'Have one issued for a key of the usual kind.'],
  ['CURVE_TOO_SMALL', 'Have one issued for a stronger key.'],
  ['KEY_TYPE_UNSUPPORTED', 'Have one issued for an RSA key or one on P-256.'],
  ['WEAK_SIGNATURE', 'Have its authority issue it anew.'],
  ['NO_SUBJECT_ALT_NAME', 'Have one issued with the names in it.'],
  ['NO_SERVER_AUTH', 'Have one issued for servers.'],
]);

const WARNED: ReadonlyMap<DefectCode, string> = new Map<DefectCode, string>([
  ['SELF_SIGNED', 'Clients are warned of it.'],
  ['NO_SERVER_AUTH', 'Some clients want that.'],
]);

const CHAIN_CODES: readonly DefectCode[] = ['CHAIN_INCOMPLETE', 'CHAIN_UNTRUSTED'];
const CHAIN_ADVICE = 'Give the bundle of its authority as well; of a private authority with its root.';

/** Whether a certificate may be installed because somebody says so, and what speaks against it, whatever it is for. */
export function judgeOfferedCertificate(offered: OfferedCertificate): OfferVerdict {
  const { evaluation, chain, isForAnyPurpose } = offered;
  const refusals: OfferFinding[] = [];
  const warnings: OfferFinding[] = [];
  for (const { code, message } of evaluation.defects) {
    const advice = REFUSED.get(code);
    const isRefused = advice !== undefined && !(code === 'NO_SERVER_AUTH' && isForAnyPurpose);
    if (isRefused) refusals.push({ code, message, advice });
    else if (CHAIN_CODES.includes(code)) {
      if (chain === 'incomplete') refusals.push({ code, message, advice: CHAIN_ADVICE });
      else warnings.push({ code, message, advice: 'Clients that do not know this authority are warned.' });
    } else if (WARNED.has(code)) warnings.push({ code, message, advice: WARNED.get(code) ?? null });
  }
  return { refusals, warnings };
}
