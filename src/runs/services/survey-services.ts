import type { CertificateEvidence } from '../../core/certificate/facts.js';
import { isServersOwn, SERVER_OWNER } from '../../core/domain/account/hostname-owner.js';
import { type HostnameVerdict, placeholderNameOf } from '../../core/domain/name/hostname.js';
import type { DomainName } from '../../core/domain/name/names.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';
import { type PlannedService, planService } from '../../core/plan/plan-services.js';
import type { IssuedRecord } from '../ports/orders.js';
import type { ServerService, ServicesHost } from './services-host.js';

/** The server's hostname, as far as certificates are concerned. */
export interface ServerName {
  /** For files and records: that of the hostname, or a stand-in where nobody can be certified for it. */
  readonly name: DomainName;
  /** Whether certificates can be had for it. */
  readonly isUsable: boolean;
}

/** What the server's own files and certificates go by; `verdict`: of the same hostname. */
export function serverNameOf(hostname: string, verdict: HostnameVerdict): ServerName {
  return verdict.isUsable
    ? { name: verdict.name, isUsable: true }
    : { name: placeholderNameOf(hostname), isUsable: false };
}

/** What was found of one service, and what is to be done. */
export interface JudgedService {
  readonly service: ServerService;
  readonly evidence: CertificateEvidence;
  readonly evaluation: Evaluation;
  readonly plan: PlannedService;
}

/** All services as they are now. */
export interface ServicesSurvey {
  readonly judged: readonly JudgedService[];
  /** What we got for the hostname, newest first; websites of that name have records of their own. */
  readonly issued: readonly IssuedRecord[];
}

/** By what the certificate files and orders of this server itself go. */
export function refOf({ name }: ServerName): WebsiteRef {
  return { account: SERVER_OWNER, vhost: name };
}

/** Reads and judges each service's certificate by itself. @throws StateError when our records cannot be read */
export async function surveyServices(
  services: readonly ServerService[],
  hostname: ServerName,
  host: Pick<ServicesHost, 'clock' | 'issued' | 'settings' | 'evaluate'>,
): Promise<ServicesSurvey> {
  const issued = (await host.issued.read(hostname.name)).filter(isServersOwn);
  const { followsHostname } = host.settings;
  const policy = { hostname: hostname.isUsable ? hostname.name : null, followsHostname };
  const judged: JudgedService[] = [];
  for (const service of services) {
    const evidence = await service.install.certificates.gatherEvidence(refOf(hostname));
    const evaluation = host.evaluate(hostname.name, evidence, issued, host.clock.now());
    judged.push({ service, evidence, evaluation, plan: planService(service.name, evaluation, policy) });
  }
  return { judged, issued };
}

/** Services that are to be given another certificate. */
export function toReplace({ judged }: ServicesSurvey): readonly JudgedService[] {
  return judged.filter(({ plan }) => plan.kind === 'replace');
}
