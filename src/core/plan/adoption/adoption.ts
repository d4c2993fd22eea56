import type { SitePair } from '../served/server-site.js';
import type {
  CertificateManager,
  CertificateStep,
  PairVerdict,
  PresentCertificate,
} from './adoption-certificate.js';
import { stepFor } from './adoption-certificate.js';
import type { SiteGroup, SkippedName } from './adoption-groups.js';
import { type ConfigurationChange, changesFor } from './adoption-lines.js';
import type { LeftOutAlias, Placement } from './adoption-placement.js';

/** What adopting a server's websites would do; as `--json` prints it. Texts of the configuration are as written there. */
export interface AdoptionPlan {
  readonly websites: readonly AdoptedWebsite[];
  readonly skipped: readonly SkippedName[];
}

export interface AdoptedWebsite {
  readonly website: string;
  readonly account: string | null;
  /** `refused` with `code`, `why` and `advice`; the others as in `Placement`. */
  readonly action: Placement['state'];
  readonly code: string | null;
  readonly why: string | null;
  readonly advice: string | null;
  readonly documentRoot: string;
  /** Of the server's sites. */
  readonly names: readonly string[];
  /** Those of them that the website does not have yet. */
  readonly newNames: readonly string[];
  readonly leftOut: readonly LeftOutAlias[];
  readonly sites: readonly AdoptedSite[];
  /** Where its certificate lies or will lie. */
  readonly combinedFile: string;
  /** Null: its sites name none. */
  readonly certificate: FoundCertificate | null;
  readonly changes: readonly ConfigurationChange[];
  readonly notes: readonly string[];
}

export interface AdoptedSite {
  readonly file: string;
  readonly line: number;
  readonly isTls: boolean;
}

/** A certificate that a website's sites name, and what becomes of it. */
export interface FoundCertificate {
  readonly step: CertificateStep;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly manager: CertificateManager | null;
  /** Why it is not taken; null when it is worth it. */
  readonly code: string | null;
  readonly why: string | null;
  readonly warnings: readonly string[];
  /** One printable line; this and the following null when it cannot be read. */
  readonly issuer: string | null;
  readonly names: readonly string[];
  /** ISO 8601. */
  readonly notAfter: string | null;
  readonly fingerprint: string | null;
}

/** A pair of a website's sites, judged. */
export interface JudgedPair {
  readonly pair: SitePair;
  readonly manager: CertificateManager | null;
  readonly verdict: PairVerdict;
}

/** One website of the plan, from what was found of it. */
export function adoptedWebsite(
  group: SiteGroup,
  placement: Placement,
  found: {
    readonly pair: JudgedPair | null;
    readonly present: PresentCertificate;
    readonly combinedFile: string;
  },
): AdoptedWebsite {
  const isRefused = placement.state === 'refused';
  const documentRoot = isRefused ? group.documentRoot : placement.documentRoot;
  return {
    website: isRefused ? group.vhost : placement.vhost,
    account: isRefused ? null : placement.account,
    action: placement.state,
    code: isRefused ? placement.code : null,
    why: isRefused ? placement.why : null,
    advice: isRefused ? placement.advice : null,
    documentRoot,
    names: [group.vhost, ...group.aliases],
    newNames: isRefused
      ? []
      : placement.state === 'add'
        ? [group.vhost, ...placement.aliases]
        : placement.aliases,
    leftOut: isRefused ? [] : placement.leftOut,
    sites: group.sites.map(({ file, line, listens }) => ({
      file,
      line,
      isTls: listens.some(({ isTls }) => isTls),
    })),
    combinedFile: found.combinedFile,
    certificate: found.pair === null ? null : foundCertificate(found.pair, found.present),
    changes: changesFor(group, found.combinedFile),
    notes: group.notes,
  };
}

function foundCertificate(
  { pair, manager, verdict }: JudgedPair,
  present: PresentCertificate,
): FoundCertificate {
  const { leaf } = verdict;
  const isWorthless = verdict.worth === 'none';
  return {
    step: stepFor(verdict, present),
    certificateFile: pair.certificateFile,
    keyFile: pair.keyFile,
    manager,
    code: isWorthless ? verdict.code : null,
    why: isWorthless ? verdict.why : null,
    warnings: isWorthless ? [] : verdict.warnings,
    issuer: leaf?.issuer ?? null,
    names: leaf?.dnsNames ?? [],
    notAfter: leaf?.notAfter.toISOString() ?? null,
    fingerprint: leaf?.fingerprint ?? null,
  };
}
