import type { CertificateFacts } from '../../../core/certificate/facts.js';
import {
  type OfferedFiles,
  type OfferFinding,
  refusedOffer,
  type TakenOffer,
} from '../../../core/certificate/offered/offer.js';
import { takeOffer } from '../../../core/certificate/offered/take-offer.js';
import { encodePem } from '../../../core/certificate/pem/pem.js';
import { isServersOwn } from '../../../core/domain/account/hostname-owner.js';
import { planService } from '../../../core/plan/plan-services.js';
import { judgeOffer } from '../../../core/plan/services/judge-offer.js';
import { completeFromDisk } from '../../offer/complete-from-disk.js';
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
