import { type CertificateDetails, detailsOf } from '../../../core/certificate/certificate-details.js';
import { encodePem } from '../../../core/certificate/pem/pem.js';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import {
  type ServiceStatus,
  type ServicesOverview,
  serviceCertificateOf,
} from '../../../core/report/services/service-status.js';
import type { ConfigurationAdvice } from '../../../core/sni/configuration-lines.js';
import type { WebServer } from '../../ports/installation.js';
import { type JudgedService, refOf, type ServerName, surveyServices } from '../survey-services.js';
import type { ServicesLook } from './manage-host.js';
import { namedServices, serverNameIn } from './manage-session.js';

/**
 * The services of this server and what each has, judged as checkallsslcerts judges it. `only`: these; empty: all. Changes and
 * locks nothing. @throws UsageError BAD_ARGUMENT (one that is not here); StateError TREE_UNREADABLE
 */
export async function listServices(
  only: readonly ServiceName[],
  host: ServicesLook,
): Promise<ServicesOverview> {
  const hostname = serverNameIn(host);
  const found = await host.findServices();
  const services = only.length === 0 ? found.services : namedServices(only, found);
  const { judged } = await surveyServices(services, hostname, host);
  const statuses: ServiceStatus[] = [];
  for (const one of judged) statuses.push(await statusOf(one, hostname, host));
  return {
    schemaVersion: 1,
    exitCode: EXIT.done,
    at: host.clock.now().toISOString(),
    hostname: host.settings.hostname,
    services: statuses,
    absent: only.length > 0 ? [] : found.absent.map(({ name, why }) => ({ service: name, why })),
  };
}

async function statusOf(
  { service, evidence, plan }: JudgedService,
  hostname: ServerName,
  { clock }: ServicesLook,
): Promise<ServiceStatus> {
  const { certificates, served } = service.install;
  const record = await served.read(hostname.name);
  const isOfThis = record !== undefined && record.issued.fingerprint === plan.fingerprint;
  return {
    service: service.name,
    daemon: service.describe(),
    file: evidence.kind === 'present' ? certificates.pathOf(refOf(hostname)) : evidence.path,
    certificate: serviceCertificateOf(evidence, clock.now()),
    plan,
    served: isOfThis ? record.served : null,
    former: (await certificates.listArchived(refOf(hostname))).length,
    advice: await adviceOf(service.install.webServers()),
  };
}

async function adviceOf(servers: readonly WebServer[]): Promise<readonly ConfigurationAdvice[]> {
  const each: ConfigurationAdvice[] = [];
  for (const server of servers) each.push(...((await server.advice?.()) ?? []));
  return each;
}

/** The parts of one service's certificate, the private key included: never to be logged. */
export interface ServiceComponents {
  readonly service: ServiceName;
  /** PEM; null with all the rest when no readable certificate lies there. */
  readonly certificatePem: string | null;
  /** PEM of the certificates that are sent with it; empty without. */
  readonly bundlePem: string;
  /** PEM; null when no key lies there that belongs to the certificate. */
  readonly keyPem: string | null;
  readonly details: CertificateDetails | null;
}

/** What each service of this server has, part by part (documented: fetch_service_ssl_components). Locks nothing. */
export async function readServiceComponents(host: ServicesLook): Promise<readonly ServiceComponents[]> {
  const website = refOf(serverNameIn(host));
  const components: ServiceComponents[] = [];
  for (const { name, install } of (await host.findServices()).services) {
    const evidence = await install.certificates.gatherEvidence(website);
    if (evidence.kind !== 'present') {
      components.push({ service: name, certificatePem: null, bundlePem: '', keyPem: null, details: null });
      continue;
    }
    const { leaf, chain } = evidence;
    components.push({
      service: name,
      certificatePem: encodePem('CERTIFICATE', leaf.der),
      bundlePem: chain.map(({ der }) => encodePem('CERTIFICATE', der)).join(''),
      keyPem: (await install.certificates.readKey(website)) ?? null,
      details: detailsOf(leaf),
    });
  }
  return components;
}
