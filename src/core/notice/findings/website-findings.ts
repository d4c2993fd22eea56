import { coversName } from '../../domain/name/coverage.js';
import { hostNameIn, parseIpIdentifier, type WantedName } from '../../domain/name/names.js';
import type { NoticeCertificate, NoticeFinding } from '../finding.js';
import { failingCoverage, lackingCoverage, type PresentCoverage } from './coverage.js';
import { expiryFinding, foreignExpiryFinding, isGone, type RunMoment, unservedFinding } from './expiry.js';
import { type KnownTrouble, NameTroubles } from './name-trouble.js';
import { pausedFinding } from './paused-names.js';
import type { WebsiteFacts } from './website-facts.js';
import type { WebsiteSaw } from './website-saw.js';

/** All that a run knows of one website at its end. */
export interface KnownWebsite {
  /** As it lay there before anything was done for it. */
  readonly facts: WebsiteFacts;
  /** What the run's events say; undefined: nothing. */
  readonly saw: WebsiteSaw | undefined;
  /** Of the certificate that the run installed; null: none. */
  readonly installed: NoticeCertificate | null;
  /** What was there before the certificate in place, where that is known: what visitors may still be shown. */
  readonly former: NoticeCertificate | null;
  /** What is known of its names at the end of the run. */
  readonly troubles: readonly KnownTrouble[];
}

/** What there is to tell of one website, and whether the run knows how it stands with everything it told of before. */
export interface WebsiteVerdict {
  readonly findings: readonly NoticeFinding[];
  /**
   * False: it only waits, could not be looked at, or fails for a time that is too short to be told: nothing that was told
   * of it may be said to be over.
   */
  readonly isSettled: boolean;
}

export function judgeWebsiteNotices(known: KnownWebsite, moment: RunMoment): WebsiteVerdict {
  const { facts, saw, installed } = known;
  // All that it has is excluded: nobody wants a certificate there, nor to hear of the one that runs out.
  if (facts.wanted.length === 0 && installed === null) return { findings: [], isSettled: true };
  const names = new NameTroubles(facts, known.troubles, saw?.overLimit ?? []);
  const present = presentCoverage(known);
  const findings = [
    ...renewals(known, present, names),
    ...(installed === null ? whileOld(facts, saw, names, moment) : []),
    ...lackingCoverage(facts, saw, present, names, moment),
    pausedFinding(facts, present.certificate, names),
    ...(saw === undefined || saw.unserved === null
      ? []
      : [unservedFinding(facts, known.former, saw.unserved, moment)]),
  ].filter((finding) => finding !== null);
  return { findings, isSettled: isSettled(known, findings) };
}

/** What is to be told while the certificate that was found still lies there. */
function whileOld(
  facts: WebsiteFacts,
  saw: WebsiteSaw | undefined,
  names: NameTroubles,
  moment: RunMoment,
): readonly (NoticeFinding | null)[] {
  return [
    expiryFinding(facts, saw, names, moment),
    ...failingCoverage(facts, saw, names, moment),
    foreignExpiryFinding(facts, saw, moment),
  ];
}

/** A new certificate is told of once it is served, or where nobody can be asked. */
function renewals(
  { facts, saw, installed }: KnownWebsite,
  present: PresentCoverage,
  names: NameTroubles,
): readonly NoticeFinding[] {
  if (saw === undefined || present.certificate === null) return [];
  const isToTell = (installed !== null && saw.unserved === null) || saw.isNowServed;
  if (!isToTell) return [];
  const secured = saw.installed?.names ?? facts.secured;
  const isFirst = !facts.wasIssued;
  return [
    {
      kind: 'notify_autossl_renewal',
      account: facts.account,
      vhost: facts.vhost,
      certificate: present.certificate,
      names: names.secured(secured),
      because: isFirst
        ? { code: 'FIRST_CERTIFICATE', text: 'The website has its first certificate from AutoSSL.' }
        : { code: 'RENEWED', text: 'The website has a new certificate.' },
      deadlineAt: null,
      nextAttemptAt: null,
    },
  ];
}

function presentCoverage({ facts, saw, installed }: KnownWebsite): PresentCoverage {
  const news = saw?.installed ?? null;
  if (installed === null || news === null) {
    const secured = new Set(facts.secured);
    const certificate = isGone(facts) ? null : facts.certificate;
    return { certificate, covers: (name) => secured.has(name), isNew: false };
  }
  const presented = { dnsNames: news.names, ipAddresses: news.names };
  return { certificate: installed, covers: (name) => coversName(presented, wanted(name)), isNew: true };
}

function wanted(name: string): WantedName {
  return hostNameIn(name) ?? parseIpIdentifier(name);
}

/** What a run that came to its end with a website may say of it, beside that its certificate is new. */
const CONCLUDED: ReadonlySet<string> = new Set([
  'SECURED_DOMAIN_DCV_FAILURE',
  'NO_UNSECURED_DOMAIN_PASSED_DCV',
  'PROVIDER_LIMIT_BELOW_SECURED',
]);

const TELLS_TOTAL_FAILURE: ReadonlySet<string> = new Set([
  'notify_autossl_expiry',
  'notify_autossl_renewal_coverage',
]);

function isSettled({ facts, saw, installed }: KnownWebsite, findings: readonly NoticeFinding[]): boolean {
  const cause = saw?.cause ?? null;
  if (installed !== null) return true;
  if (cause === null) return facts.kind === 'keep';
  if (CONCLUDED.has(cause.code)) return true;
  if (cause.code !== 'TOTAL_DCV_FAILURE') return false;
  // What never had a certificate; else it is known once the failure itself is told.
  return (isGone(facts) && !facts.wasIssued) || findings.some(({ kind }) => TELLS_TOTAL_FAILURE.has(kind));
}
