import type { CertificateFacts } from '../../../core/certificate/facts.js';
import type { OfferedFiles, OfferFinding } from '../../../core/certificate/offered/offer.js';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import type { GivenKind } from '../../../core/report/events/service-events.js';
import { offerWarned } from '../../../core/report/services/change-events.js';
import type {
  GivenCertificate,
  ServiceChange,
  ServicesChangeReport,
  ServicesCommand,
} from '../../../core/report/services/change-report.js';
import { installInService, type ServicePair } from '../install-services.js';
import type { ServerService } from '../services-host.js';
import {
  changeServices,
  type ManageCall,
  type ManageSession,
  namedServices,
  serverNameIn,
} from './manage-session.js';
import { type PreparedOffer, prepareOffer } from './prepare-offer.js';

/** Which certificate is to be given to which services. */
export interface InstallRequest {
  readonly services: readonly ServiceName[];
  readonly files: OfferedFiles;
  /** Found while the files were read; told with the others. */
  readonly warnings: readonly OfferFinding[];
}

/**
 * Gives services the certificate that an administrator hands over, each by the transaction that issued ones go through. What
 * cannot be used is refused before anything is touched: then `refusals` says why, and the exit code is 1.
 * @throws UsageError BAD_ARGUMENT (a service that is not here); StateError LOCKED, TREE_UNREADABLE
 */
export async function installCertificate(
  request: InstallRequest,
  call: ManageCall,
): Promise<ServicesChangeReport> {
  const { host } = call;
  const hostname = serverNameIn(host);
  namedServices(request.services, await host.findServices());
  const prepared = await prepareOffer(request.files, hostname, host);
  const warnings = [...request.warnings, ...prepared.warnings];
  return await installPrepared('install', 'given', request.services, { ...prepared, warnings }, call);
}

/** Installs what was found good enough in each service; nothing of what was refused. */
export async function installPrepared(
  command: ServicesCommand,
  kind: GivenKind,
  names: readonly ServiceName[],
  { leaf, pair, refusals, warnings }: PreparedOffer,
  call: ManageCall,
): Promise<ServicesChangeReport> {
  const { hostname } = call.host.settings;
  const certificate = leaf === null ? null : givenCertificate(leaf);
  const common = { schemaVersion: 1, command, hostname, certificate, refusals } as const;
  if (pair === null) {
    // What would speak against it does not matter any more.
    return { ...common, exitCode: EXIT.failed, log: null, services: [], warnings: [], faults: [] };
  }
  const done = await changeServices(command, names, call, async (session) => {
    session.recorder.record(...warnings.map(offerWarned));
    return await giveEach(session, kind, async () => pair);
  });
  return { ...common, ...done, warnings };
}

/** Gives each service of the session a pair; one never stops another. */
export async function giveEach(
  { services, ...session }: ManageSession,
  kind: GivenKind,
  pairFor: (service: ServerService) => Promise<ServicePair>,
): Promise<readonly ServiceChange[]> {
  const changes: ServiceChange[] = [];
  for (const service of services) {
    const advice = 'When that is mended, give the command again.';
    const { state, trouble } = await installInService(service, await pairFor(service), kind, {
      ...session,
      advice,
    });
    const { code = null, message = null, advice: own = null } = trouble ?? {};
    changes.push({ service: service.name, daemon: service.describe(), state, code, message, advice: own });
  }
  return changes;
}

function givenCertificate(leaf: CertificateFacts): GivenCertificate {
  const { fingerprint, dnsNames, ipAddresses, issuer, isSelfSigned, notAfter } = leaf;
  const names = [...dnsNames, ...ipAddresses];
  return { fingerprint, names, issuer, isSelfSigned, notAfter: notAfter.toISOString() };
}
