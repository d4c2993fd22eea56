import type { OfferFinding } from '../../../core/certificate/offered/offer.js';
import { UsageError } from '../../../core/domain/autossl-error.js';
import { printable } from '../../../core/domain/name/names.js';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import type { ServicesChangeReport } from '../../../core/report/services/change-report.js';
import type { ServerService } from '../services-host.js';
import { refOf, type ServerName } from '../survey-services.js';
import { installPrepared } from './install-certificate.js';
import { type ManageCall, namedServices, serverNameIn } from './manage-session.js';
import { judgeTaken, type PreparedOffer } from './prepare-offer.js';

/** Whose certificate is given to whom. */
export interface ApplyRequest {
  readonly from: ServiceName;
  readonly to: readonly ServiceName[];
}

/**
 * Gives other services the certificate that one has, judged like one that is handed over.
 * @throws UsageError BAD_ARGUMENT (a service that is not here, or the same twice); StateError LOCKED, TREE_UNREADABLE
 */
export async function applyCertificate(
  { from, to }: ApplyRequest,
  call: ManageCall,
): Promise<ServicesChangeReport> {
  const { host } = call;
  if (to.includes(from)) throw new UsageError('BAD_ARGUMENT', `${from} has its own certificate already`);
  const [source] = namedServices([from, ...to], await host.findServices());
  const hostname = serverNameIn(host);
  const prepared = source === undefined ? null : await prepareFrom(source, hostname, call);
  return await installPrepared('apply', 'applied', to, prepared ?? refusal(from, 'it has none'), call);
}

async function prepareFrom(
  { name, install }: ServerService,
  hostname: ServerName,
  { host }: ManageCall,
): Promise<PreparedOffer> {
  const { certificates } = install;
  const evidence = await certificates.gatherEvidence(refOf(hostname));
  switch (evidence.kind) {
    case 'absent':
    case 'empty':
      return refusal(name, 'it has none');
    case 'unreadable':
      return refusal(name, evidence.why);
    case 'present': {
      const keyPem = await certificates.readKey(refOf(hostname));
      if (keyPem === undefined) return refusal(name, evidence.keyFault ?? 'its key belongs to another one');
      const { leaf, chain } = evidence;
      return await judgeTaken({ leaf, keyPem, given: chain, warnings: [] }, hostname, host);
    }
  }
}

function refusal(from: ServiceName, why: string): PreparedOffer {
  const finding: OfferFinding = {
    code: 'NOTHING_TO_APPLY',
    message: `The certificate of ${from} cannot be used: ${printable(why)}.`,
    advice: null,
  };
  return { leaf: null, pair: null, refusals: [finding], warnings: [] };
}
