import type { CertificateFacts } from '../../certificate/facts.js';
import type { OfferFinding } from '../../certificate/offered/offer.js';
import { coversName } from '../../domain/name/coverage.js';
import { printable, type WantedName } from '../../domain/name/names.js';
import type { Website } from '../../domain/website/website.js';
import type { PlannedAction } from '../action.js';
import { judgeOfferedCertificate, type OfferedCertificate, type OfferVerdict } from './judge-certificate.js';

/** Names of a website and of a certificate that is offered for it, laid beside each other. */
export interface NamesOfOffer {
  /** Names of the website that it is good for. */
  readonly working: readonly WantedName[];
  /** Names of the website that it is not good for. */
  readonly missing: readonly WantedName[];
  /** Names of the certificate that the website does not have, as written there: outside text. */
  readonly extra: readonly string[];
}

/** What an administrator's certificate for a website is judged by, before anything is touched. */
export interface WebsiteOfferFacts extends OfferedCertificate {
  readonly website: Pick<Website, 'vhost'>;
  readonly names: NamesOfOffer;
  /** What AutoSSL would then do with it. */
  readonly action: Pick<PlannedAction, 'kind' | 'because'>;
}

/** In messages; certificates may have hundreds. */
const SHOWN_NAMES = 5;

/** The website's names as its server answers to them: excluded ones too, automatic service names not. */
export function namesServedBy({
  candidates,
  excluded,
}: Pick<Website, 'candidates' | 'excluded'>): readonly WantedName[] {
  return [...candidates.filter(({ isService }) => !isService).map(({ name }) => name), ...excluded];
}

/** Lays them beside each other. */
export function namesOfOffer(
  website: Pick<Website, 'candidates' | 'excluded'>,
  leaf: Pick<CertificateFacts, 'dnsNames' | 'ipAddresses'>,
): NamesOfOffer {
  const names = namesServedBy(website);
  const known = new Set<string>([...names, ...website.candidates.map(({ name }) => name)]);
  return {
    working: names.filter((name) => coversName(leaf, name)),
    missing: names.filter((name) => !coversName(leaf, name)),
    extra: [...leaf.dnsNames, ...leaf.ipAddresses].filter((name) => !known.has(name)),
  };
}

/**
 * Whether a certificate may be installed for a website because somebody says so, and what speaks against it. One that is for
 * none of its names is refused: every visitor would be warned.
 */
export function judgeWebsiteOffer({ website, names, action, ...offered }: WebsiteOfferFacts): OfferVerdict {
  const verdict = judgeOfferedCertificate(offered);
  const refusals: OfferFinding[] = [...verdict.refusals];
  const warnings: OfferFinding[] = [...verdict.warnings];
  const { working, missing, extra } = names;
  if (working.length === 0) {
    refusals.push({
      code: 'NO_NAME_COVERED',
      message: `The certificate is for none of the names of the website “${website.vhost}”: it is for ${shown(extra)}.`,
      advice: 'Name the website that it is for.',
    });
  } else if (missing.length > 0) {
    const message = `The certificate is not for ${shown(missing)}.`;
    warnings.push({ code: 'NAMES_MISSING', message, advice: 'Visitors of these are warned of it.' });
  }
  if (action.kind === 'request' || action.kind === 'replace') {
    const codes = action.because.map(({ code }) => code).join(', ');
    warnings.push({
      code: 'REPLACED_SOON',
      message: `AutoSSL, where it is on for this account, replaces it at its next run (${codes}).`,
      advice: null,
    });
  }
  return { refusals, warnings };
}

function shown(names: readonly string[]): string {
  if (names.length === 0) return 'no name at all';
  const first = names.slice(0, SHOWN_NAMES).map(printable).join(', ');
  return names.length > SHOWN_NAMES ? `${first} and ${names.length - SHOWN_NAMES} more` : first;
}
