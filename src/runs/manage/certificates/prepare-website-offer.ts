import type { CertificateFacts } from '../../../core/certificate/facts.js';
import {
  type OfferedFiles,
  type OfferFinding,
  refusedOffer,
} from '../../../core/certificate/offered/offer.js';
import { takeOffer } from '../../../core/certificate/offered/take-offer.js';
import { encodePem } from '../../../core/certificate/pem/pem.js';
import type { Website } from '../../../core/domain/website/website.js';
import {
  judgeWebsiteOffer,
  type NamesOfOffer,
  namesOfOffer,
} from '../../../core/plan/offer/judge-website-offer.js';
import { judgeWebsite } from '../../judging/judge-website.js';
import { completeFromDisk } from '../../offer/complete-from-disk.js';
import type { WebsiteCertificatesHost } from './website-certificates-host.js';

/** A certificate that may be installed for a website, or why not; `leaf` as soon as one was found. */
export interface PreparedWebsiteOffer {
  readonly leaf: CertificateFacts | null;
  readonly names: NamesOfOffer | null;
  /** Null: it is refused. */
  readonly pair: {
    readonly keyPem: string;
    readonly chainPem: string;
    readonly leaf: CertificateFacts;
    /** Whether AutoSSL leaves it alone: somebody else's, or one that is fine. */
    readonly isKept: boolean;
  } | null;
  readonly refusals: readonly OfferFinding[];
  readonly warnings: readonly OfferFinding[];
}

const NO_KEY = refusedOffer(
  'KEY_MISSING',
  'No private key was given.',
  'Give the key that belongs to the certificate.',
);

/** Judges what was handed over for a website, as it would be if it lay in place. Changes nothing. */
export async function prepareWebsiteOffer(
  files: OfferedFiles,
  website: Website,
  host: WebsiteCertificatesHost,
): Promise<PreparedWebsiteOffer> {
  const taken = takeOffer(files);
  if ('refused' in taken)
    return { leaf: null, names: null, pair: null, refusals: [taken.refused], warnings: [] };
  const { leaf, keyPem } = taken;
  const completed = await completeFromDisk(taken, host, host.clock.now());
  const { chain } = completed;
  const evidence = {
    kind: 'present',
    path: 'given',
    leaf,
    chain,
    keySpki: leaf.key.spki,
    keyFault: null,
  } as const;
  const { evaluation, action } = await judgeWebsite(
    website,
    { isReissueAsked: false, pending: new Map() },
    {
      clock: host.clock,
      issued: host.issued,
      evaluate: host.evaluate,
      settings: host.settings,
      certificates: { gatherEvidence: async () => evidence },
      ...(host.wildcardAbility === undefined ? {} : { wildcardAbility: host.wildcardAbility }),
    },
  );
  const names = namesOfOffer(website, leaf);
  const verdict = judgeWebsiteOffer({
    website,
    names,
    evaluation,
    action,
    chain: completed.status,
    isForAnyPurpose: leaf.extendedKeyUsage === null,
  });
  const refusals = keyPem === null ? [NO_KEY.refused, ...verdict.refusals] : verdict.refusals;
  const warnings = [...taken.warnings, ...verdict.warnings];
  if (keyPem === null || refusals.length > 0) return { leaf, names, pair: null, refusals, warnings };
  const chainPem = [leaf, ...chain].map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  return {
    leaf,
    names,
    pair: { keyPem, chainPem, leaf, isKept: action.kind === 'keep' },
    refusals,
    warnings,
  };
}
