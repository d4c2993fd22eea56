import { takeCombinedApart } from '../../../core/certificate/combined.js';
import type { CertificateFacts } from '../../../core/certificate/facts.js';
import { type CompletedChain, completeChain } from '../../../core/certificate/offered/complete-chain.js';
import {
  type OfferedFiles,
  type OfferFinding,
  refusedOffer,
  type TakenOffer,
} from '../../../core/certificate/offered/offer.js';
import { takeOffer } from '../../../core/certificate/offered/take-offer.js';
import { encodePem } from '../../../core/certificate/pem.js';
import { isServersOwn } from '../../../core/domain/hostname-owner.js';
import { planService } from '../../../core/plan/plan-services.js';
import { judgeOffer } from '../../../core/plan/services/judge-offer.js';
import type { ServicePair } from '../install-services.js';
import type { ServerService } from '../services-host.js';
import type { ServerName } from '../survey-services.js';
import { findKeyOf } from './find-key.js';
import type { ManageHost } from './manage-host.js';

/** A certificate that may be installed, or why not; `leaf` as soon as one was found. */
export interface PreparedOffer {
  readonly leaf: CertificateFacts | null;
  /** Null: it is refused. */
  readonly pair: ServicePair | null;
  readonly refusals: readonly OfferFinding[];
  readonly warnings: readonly OfferFinding[];
}

/** A server's websites have a handful of issuers; more is somebody's mischief. */
const MAX_FOUND_ISSUERS = 200;

/** Judges what was handed over, with what is on this machine for what is missing. Changes nothing. */
export async function prepareOffer(
  files: OfferedFiles,
  hostname: ServerName,
  host: ManageHost,
): Promise<PreparedOffer> {
  const taken = takeOffer(files);
  if ('refused' in taken) return { leaf: null, pair: null, refusals: [taken.refused], warnings: [] };
  const { services } = await host.findServices();
  return await judgeTaken(await withKey(taken, services, hostname, host), hostname, host);
}

/** The same for a pair that was taken apart already. */
export async function judgeTaken(
  taken: TakenOffer,
  hostname: ServerName,
  host: ManageHost,
): Promise<PreparedOffer> {
  const { leaf, keyPem } = taken;
  const now = host.clock.now();
  const completed = await completeFromDisk(taken, host, now);
  const { chain } = completed;
  const evidence = {
    kind: 'present',
    path: 'given',
    leaf,
    chain,
    keySpki: leaf.key.spki,
    keyFault: null,
  } as const;
  const issued = (await host.issued.read(hostname.name)).filter(isServersOwn);
  const evaluation = host.evaluate(hostname.name, evidence, issued, now);
  const policy = {
    hostname: hostname.isUsable ? hostname.name : null,
    followsHostname: host.settings.followsHostname,
  };
  const { refusals, warnings } = judgeOffer({
    evaluation,
    plan: planService('', evaluation, policy),
    chain: completed.status,
    isForAnyPurpose: leaf.extendedKeyUsage === null,
    isManaged: (await host.readTouchFiles()).noReplacement === null,
  });
  const all = keyPem === null ? [NO_KEY.refused, ...refusals] : refusals;
  const chainPem = [leaf, ...chain].map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  const isRefused = keyPem === null || all.length > 0;
  return {
    leaf,
    pair: isRefused ? null : { keyPem, chainPem, leaf },
    refusals: all,
    warnings: [...taken.warnings, ...warnings],
  };
}

const NO_KEY = refusedOffer(
  'KEY_MISSING',
  'No private key was given, and this server has none that belongs to the certificate.',
  'Give the key with --key.',
);

async function withKey(
  taken: TakenOffer,
  services: readonly ServerService[],
  hostname: ServerName,
  host: ManageHost,
): Promise<TakenOffer> {
  if (taken.keyPem !== null) return taken;
  const found = await findKeyOf(taken.leaf, services, hostname, host);
  if (found === null) return taken;
  return { ...taken, keyPem: found.keyPem, warnings: [...taken.warnings, ...found.warnings] };
}

/** By what was given and, where that is not enough, by the issuers that lie on this machine, until they are. */
async function completeFromDisk(
  { leaf, given }: TakenOffer,
  host: ManageHost,
  now: Date,
): Promise<CompletedChain> {
  const anchors = await host.anchors();
  let completed = completeChain(leaf, given, [], anchors, now);
  if (completed.status !== 'incomplete') return completed;
  const found = new Map<string, CertificateFacts>();
  for await (const text of host.issuersOnDisk()) {
    const issuers = issuersIn(text).filter(({ fingerprint }) => !found.has(fingerprint));
    if (issuers.length === 0) continue;
    for (const issuer of issuers) found.set(issuer.fingerprint, issuer);
    completed = completeChain(leaf, given, [...found.values()], anchors, now);
    if (completed.status !== 'incomplete' || found.size >= MAX_FOUND_ISSUERS) break;
  }
  return completed;
}

function issuersIn(text: string): readonly CertificateFacts[] {
  const evidence = takeCombinedApart(text, 'issuers');
  if (evidence.kind !== 'present') return [];
  return [evidence.leaf, ...evidence.chain].filter(({ isCa, isSelfSigned }) => isCa && !isSelfSigned);
}
